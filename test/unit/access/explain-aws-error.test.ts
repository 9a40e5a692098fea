import { describe, expect, it, onTestFinished, vi } from "vitest";
import { explainAwsError } from "../../../access/explain-aws-error.ts";

const named = (properties: { name?: string; code?: string }) => Object.assign(new Error("words of AWS"), properties);

describe("an error of AWS", () => {
  it.each([
    [
      { name: "CredentialsProviderError" },
      "there are no AWS credentials",
      undefined,
      "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    ],
    [
      { name: "ExpiredTokenException" },
      "the AWS session has expired",
      "ExpiredTokenException: words of AWS",
      "log in again",
    ],
    [
      { name: "UnrecognizedClientException" },
      "AWS does not know these credentials in eu-west-1",
      "UnrecognizedClientException: words of AWS",
      "check the profile or keys, this machine's clock, and that the account has the region enabled",
    ],
    [
      { name: "AccessDeniedException" },
      "these credentials have no permission",
      "AccessDeniedException: words of AWS",
      "they need ssm:GetParameter, GetParametersByPath, PutParameter and DeleteParameter on parameter/registry-cluster/*",
    ],
    [
      { code: "ENOTFOUND" },
      "AWS cannot be reached in eu-west-1",
      "the host name is unknown",
      "check the config's 'region' and this machine's network",
    ],
    [
      { name: "ThrottlingException" },
      "AWS asks to slow down",
      "ThrottlingException: words of AWS",
      "try again in a minute",
    ],
  ])("%j says what is wrong, what AWS says of it, and how to mend it", (properties, problem, cause, fix) => {
    vi.stubEnv("AWS_PROFILE", undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { message, details } = explainAwsError(named(properties), "cannot read /a", "eu-west-1");
    expect({ message, ...details }).toEqual({ message: `cannot read /a: ${problem}`, cause, fix });
  });

  it("of a profile that there is not names the profile", () => {
    vi.stubEnv("AWS_PROFILE", "nope");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { message, details } = explainAwsError(
      named({ name: "CredentialsProviderError" }),
      "cannot read /a",
      "eu-west-1",
    );
    expect(message).toBe("cannot read /a: there are no AWS credentials in the profile 'nope', which AWS_PROFILE names");
    expect(details.fix).toBe(
      "correct AWS_PROFILE (`aws configure list-profiles` shows which there are), or log in to it",
    );
  });

  it("that is not known keeps its own words", () => {
    const { message, details } = explainAwsError(named({ name: "InternalServerError" }), "cannot read /a", "eu-west-1");
    expect({ message, ...details }).toEqual({
      message: "cannot read /a: the request to AWS failed",
      cause: "InternalServerError: words of AWS",
      fix: "see what AWS says, and try again",
    });
  });
});
