import { z } from "zod";
import { OperatorError } from "../../common/errors.ts";
import { whyOf } from "../../common/foreign-errors.ts";
import { withoutLogin, withoutLogins } from "../../common/url-logins.ts";
import type { RepositoryStatus } from "./repository-watch.ts";

/** Just enough to tell a watch, of this version or another, from other servers. */
const statusesSchema = z.array(z.looseObject({ repository: z.string(), done: z.number(), failed: z.number() }));

/**
 * Asks a running watch.
 *
 * @param url - where it listens
 * @throws OperatorError if none answers
 */
export async function askWatch(url: string): Promise<RepositoryStatus[]> {
  const place = withoutLogin(url);
  const fix = "start one: registry-cluster image watch --config builds.yml; --url names another place";
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : "")) {
    throw new OperatorError(`'${place}' is not a URL`, { fix: "--url takes one such as http://127.0.0.1:9180" });
  }
  const response = await fetch(new URL("/status", url), { signal: AbortSignal.timeout(5_000) }).catch(
    (error: Error) => {
      const cause = withoutLogins(whyOf(error.cause ?? error));
      throw new OperatorError(`no watch answers at ${place}`, { cause, fix });
    },
  );
  if (!response.ok)
    throw new OperatorError(`no watch answers at ${place}`, { cause: `status ${response.status}`, fix });
  const statuses = statusesSchema.safeParse(await response.json().catch(() => undefined));
  if (statuses.success) return statuses.data as unknown as RepositoryStatus[];
  throw new OperatorError(`no watch answers at ${place}`, { cause: "something else answers there", fix });
}
