import { describe, expect, it, onTestFinished, vi } from "vitest";
import { explainAwsError } from "../../../access/explain-aws-error.ts";

const named = (properties: { name?: string; code?: string }) => Object.assign(new Error("words of AWS"), properties);

describe("an error of AWS", () => {
  it.each([
    [{ name: "CredentialsProviderError" }, "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"],
    [{ name: "ExpiredTokenException" }, "log in again"],
    [{ name: "UnrecognizedClientException" }, "check the profile or keys"],
    [{ name: "AccessDeniedException" }, "they need ssm:GetParameter"],
    [{ code: "ENOTFOUND" }, "check the config's 'region'"],
    [{ name: "ThrottlingException" }, "try again in a minute"],
  ])("%j says how to mend it", (properties, mend) => {
    const { message, details } = explainAwsError(named(properties), "cannot read /a", "eu-west-1");
    expect(message).toMatch(/^cannot read \/a: /);
    expect(details.fix).toContain(mend);
  });

  it("of a profile that there is not names the profile", () => {
    vi.stubEnv("AWS_PROFILE", "nope");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { message, details } = explainAwsError(
      named({ name: "CredentialsProviderError" }),
      "cannot read /a",
      "eu-west-1",
    );
    expect(message).toContain("no AWS credentials in the profile 'nope', which AWS_PROFILE names");
    expect(details.fix).toContain("correct AWS_PROFILE");
  });

  it("that is not known keeps its own words", () => {
    const error = explainAwsError(named({ name: "InternalServerError" }), "cannot read /a", "eu-west-1");
    expect(error.details.cause).toBe("InternalServerError: words of AWS");
  });
});
