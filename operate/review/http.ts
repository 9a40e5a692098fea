import { OperatorError } from "../../common/errors.ts";
import { type Retries, withRetries } from "../../common/retries.ts";

/** The API of a forge, with the token for it. */
export interface Api {
  /** Such as `https://api.github.com`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A failed request. */
export class ApiError extends Error {
  constructor(
    /** HTTP status, or undefined where there was no answer. */
    readonly status: number | undefined,
    message: string,
    /** How long the forge asks to wait, in seconds. */
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ApiError";
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return (
      this.status === undefined ||
      this.status === 429 ||
      this.status >= 500 ||
      (this.status === 403 && !!this.retryAfter)
    );
  }
}

/** How long the forge may take to answer. */
const timeoutSeconds = 30;

export async function request(api: Api, method: "GET" | "POST" | "PATCH" | "PUT", path: string, body?: object) {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${api.url.replace(/\/+$/, "")}${path}`, {
      method,
      headers: { ...api.headers, ...(body ? { "content-type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    text = await response.text();
  } catch (error) {
    throw new ApiError(undefined, `${api.url} cannot be reached`, undefined, {
      cause: (error as Error).cause ?? error,
    });
  }
  if (!response.ok) throw new ApiError(response.status, reasonOf(text), retryAfterOf(response.headers));
  return JSON.parse(text) as unknown;
}

/** The forge's error message, on one line. */
function reasonOf(text: string): string {
  try {
    const { message, error } = JSON.parse(text) as { message?: unknown; error?: unknown };
    const words = message ?? error;
    return typeof words === "string" ? words : JSON.stringify(words ?? "no reason given");
  } catch {
    return "no reason given";
  }
}

function retryAfterOf(headers: Headers): number | undefined {
  const seconds = Number(headers.get("retry-after"));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/** For a forge that is busy or down. */
const usualRetries: Retries = { attempts: 5, firstPause: 1, longestPause: 60 };

/** Repeats a request while it fails for a temporary reason. */
export const withRetriesOfForge = <Result>(ask: () => Promise<Result>, retries = usualRetries): Promise<Result> =>
  withRetries(
    ask,
    (error) => (error instanceof ApiError && error.passing ? (error.retryAfter ?? 0) : undefined),
    retries,
  );

/** Headers allow only these characters. For others, Node.js's own message would show the token. */
export function checkToken(variable: string, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new OperatorError(`${variable}: not a token: it has blanks, line ends or other characters that no token has`, {
    fix: "set it again, without them",
  });
}
