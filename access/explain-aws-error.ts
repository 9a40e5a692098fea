import { AccessError } from "./errors.ts";

/** How to mend what AWS answers, by the error's name or its system code. */
const mends: ReadonlyArray<readonly [names: RegExp, mend: (region: string) => string]> = [
  [
    /^CredentialsProviderError$/,
    () => "there are no AWS credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  ],
  [/^(ExpiredToken(Exception)?|RequestExpired)$/, () => "the AWS session has expired; log in again"],
  [
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch)$/,
    (region) =>
      `AWS does not know these credentials in ${region}; check the profile or keys, this machine's clock, and that the account has the region enabled`,
  ],
  [
    /^AccessDenied(Exception)?$/,
    () =>
      "these credentials may not; they need ssm:GetParameter, GetParametersByPath, PutParameter and DeleteParameter on parameter/registry-cluster/*",
  ],
  [
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|TimeoutError)$/,
    (region) => `AWS cannot be reached in ${region}; check the config's 'region' and this machine's network`,
  ],
  [/^(ThrottlingException|TooManyUpdates)$/, () => "AWS asks to slow down; try again in a minute"],
];

/** @returns an error that says what failed, why, and how to mend it; without what was sent. */
export function explainAwsError(error: unknown, what: string, region: string): AccessError {
  const { name = "", code = "", message = String(error) } = error as { name?: string; code?: string; message?: string };
  const mend = mends.find(([names]) => names.test(name) || names.test(code))?.[1](region);
  return new AccessError(mend ? `${what}: ${mend} (${name || code}: ${message})` : `${what}: ${name}: ${message}`, {
    cause: error,
  });
}
