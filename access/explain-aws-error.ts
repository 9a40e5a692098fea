import { OperatorError } from "../common/errors.ts";
import { meaningOf } from "../common/system-errors.ts";

/** Why a request to AWS failed. */
export type AwsErrorKind =
  | "no credentials"
  | "expired"
  | "unknown credentials"
  | "denied"
  | "unreachable"
  | "throttled";

/** By the error's name or system code. Services have different names for the same error. */
const kinds: ReadonlyArray<readonly [names: RegExp, kind: AwsErrorKind]> = [
  [/^CredentialsProviderError$/, "no credentials"],
  [/^(ExpiredToken(Exception)?|RequestExpired|TokenProviderError)$/, "expired"],
  [
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure)$/,
    "unknown credentials",
  ],
  [/^(AccessDenied(Exception)?|UnauthorizedOperation)$/, "denied"],
  [/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|TimeoutError)$/, "unreachable"],
  [/^(Throttling(Exception)?|RequestLimitExceeded|TooManyUpdates)$/, "throttled"],
];

/** @returns the kind of the error, or undefined when it is not a common one. */
export function kindOfAwsError(error: unknown): AwsErrorKind | undefined {
  const { name = "", code = "" } = error as { name?: string; code?: string };
  return kinds.find(([names]) => names.test(name) || names.test(code))?.[1];
}

/** @returns what a system error means, or the name and message of AWS's own error: `ExpiredToken: The security token ... is expired`. */
export function wordsOfAwsError(error: unknown): string {
  const known = meaningOf((error as { code?: unknown }).code);
  if (known) return known.problem;
  const { name = "", code = "", message = String(error) } = error as { name?: string; code?: string; message?: string };
  return `${name && name !== "Error" ? name : code || name}: ${message}`;
}

/** Why there are no credentials: a misspelt profile is not the same as no profile. */
export function noCredentials(profile = process.env.AWS_PROFILE): { problem: string; fix: string } {
  if (!profile) {
    return {
      problem: "there are no AWS credentials",
      fix: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    };
  }
  return {
    problem: `there are no AWS credentials in the profile '${profile}', which AWS_PROFILE names`,
    fix: "correct AWS_PROFILE (`aws configure list-profiles` shows which there are), or log in to it",
  };
}

interface Explanation {
  readonly problem: string;
  readonly fix: string;
}

const explanations: Readonly<Record<AwsErrorKind, (region: string, needs: string) => Explanation>> = {
  "no credentials": () => noCredentials(),
  expired: () => ({ problem: "the AWS session has expired", fix: "log in again" }),
  "unknown credentials": (region) => ({
    problem: `AWS does not know these credentials in ${region}`,
    fix: "check the profile or keys, this machine's clock, and that the account has the region enabled",
  }),
  denied: (_, needs) => ({ problem: "these credentials have no permission", fix: needs }),
  unreachable: (region) => ({
    problem: `AWS cannot be reached in ${region}`,
    fix: "check the config's 'region' and this machine's network",
  }),
  throttled: () => ({ problem: "AWS asks to slow down", fix: "try again in a minute" }),
};

/** What credentials need for secrets. */
const needsForSecrets =
  "they need ssm:GetParameter, GetParametersByPath, PutParameter and DeleteParameter on parameter/registry-cluster/*";

/**
 * @param needs which permissions the request needs. @default - those for secrets
 * @returns an error that says what failed, why, and how to mend it, without the content of the request. Its `cause` is the original.
 */
export function explainAwsError(
  error: unknown,
  what: string,
  region: string,
  needs: string = needsForSecrets,
): OperatorError {
  const kind = kindOfAwsError(error);
  const unknown = { problem: "the request to AWS failed", fix: "see what AWS says, and try again" };
  const { problem, fix } = kind ? explanations[kind](region, needs) : unknown;
  const cause = kind === "no credentials" ? undefined : wordsOfAwsError(error);
  const explained = new OperatorError(`${what}: ${problem}`, { cause, fix });
  explained.cause = error;
  return explained;
}
