import { AccessError } from "./errors.ts";

/** Why AWS did not do what it was asked. */
export type AwsErrorKind =
  | "no credentials"
  | "expired"
  | "unknown credentials"
  | "denied"
  | "unreachable"
  | "throttled";

/** By the error's name or its system code. Each service has its own name for the same thing. */
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

/** @returns why AWS did not answer, or undefined when the error is none of the usual ones. */
export function kindOfAwsError(error: unknown): AwsErrorKind | undefined {
  const { name = "", code = "" } = error as { name?: string; code?: string };
  return kinds.find(([names]) => names.test(name) || names.test(code))?.[1];
}

/** @returns what the error calls itself, and its words: `ExpiredToken: The security token ... is expired`. */
export function wordsOfAwsError(error: unknown): string {
  const { name = "", code = "", message = String(error) } = error as { name?: string; code?: string; message?: string };
  return `${name && name !== "Error" ? name : code || name}: ${message}`;
}

/** Why there are no credentials: a profile that is misspelt is not the same as none. */
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

/** How to mend it. */
const mends: Readonly<Record<AwsErrorKind, (region: string) => string>> = {
  "no credentials": () => {
    const { problem, fix } = noCredentials();
    return `${problem}; ${fix}`;
  },
  expired: () => "the AWS session has expired; log in again",
  "unknown credentials": (region) =>
    `AWS does not know these credentials in ${region}; check the profile or keys, this machine's clock, and that the account has the region enabled`,
  denied: () =>
    "these credentials may not; they need ssm:GetParameter, GetParametersByPath, PutParameter and DeleteParameter on parameter/registry-cluster/*",
  unreachable: (region) => `AWS cannot be reached in ${region}; check the config's 'region' and this machine's network`,
  throttled: () => "AWS asks to slow down; try again in a minute",
};

/** @returns an error that says what failed, why, and how to mend it; without what was sent. */
export function explainAwsError(error: unknown, what: string, region: string): AccessError {
  const kind = kindOfAwsError(error);
  const words = wordsOfAwsError(error);
  return new AccessError(kind ? `${what}: ${mends[kind](region)} (${words})` : `${what}: ${words}`, { cause: error });
}
