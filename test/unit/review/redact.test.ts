import { describe, expect, it } from "vitest";
import { redact } from "../../../review/redact.ts";

// put together here, so that no scanner takes this file for a leak
const b64 = (length: number) => "aB3/".repeat(length).slice(0, length);
const dashes = "-".repeat(5);
const key = (kind: string) =>
  `${dashes}BEGIN ${kind}${dashes}\n+   ${b64(64)}\n+   ${b64(20)}\n+ ${dashes}END ${kind}${dashes}`;
const bcrypt = `$2y$05$${"a".repeat(53)}`;

describe("what looks like a secret", () => {
  it.each(["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])(
    "is redacted when it is a key: %s",
    (kind) => {
      expect(redact(`before\n${key(kind)}\nafter`)).toBe("before\n[redacted]\nafter");
    },
  );

  it("is redacted to the end when it is a key without an end", () => {
    expect(redact(key("PRIVATE KEY").replace(/.{5}END.*/, ""))).toBe("[redacted]");
  });

  it.each([
    ["an access key id", `AKIA${"A1B2".repeat(4)}`],
    ["a session's access key id", `ASIA${"A1B2".repeat(4)}`],
    ["a password hash of htpasswd", bcrypt],
    ["a password hash of Apache", `$apr1$abcdefgh$${"a".repeat(22)}`],
    ["a password hash of crypt", `$6$rounds=5000$abcdefgh$${"a".repeat(86)}`],
    ["a token of GitHub", `ghp_${"a".repeat(36)}`],
    ["a token of a GitHub job", `ghs_${"a".repeat(36)}`],
    ["a token of GitLab", `glpat-${"a".repeat(20)}`],
  ])("is redacted when it is %s", (_, secret) => {
    expect(redact(`+ admin: ${secret} # why`)).toBe("+ admin: [redacted] # why");
  });

  it.each([
    ["secret_key = ", b64(40)],
    ['"SecretAccessKey": "', b64(40)],
    ["AWS_SECRET_ACCESS_KEY=", b64(40)],
    ["aws_session_token = ", b64(200)],
    ["https://bucket.example/x?X-Amz-Security-Token=", b64(200)],
    ["https://bucket.example/x?X-Amz-Signature=", "0f".repeat(32)],
    ["X-Amz-Security-Token: ", b64(200)],
    ["Authorization: Bearer ", b64(30)],
  ])("is redacted behind its name: %s", (name, secret) => {
    expect(redact(`${name}${secret}`)).toBe(`${name}[redacted]`);
  });

  it.each([
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFaGOOsOOC/mMt8N8JefXi67lnqKfhQWFeq5rtdrt37o operator@example.com",
    'etag = "a46301c284e41f96b82b48e46b843042"',
    "sha256: b3f93ab8eabdc1bda8765338c290535339df19fe5d357bb08bc339a05c8239c9",
    'kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/b23c8350-dc1d-4875-8a9a-14c5474bc5a6"',
    "password = (sensitive value)",
    'http_tokens = "required"',
    "+ password_data = (known after apply)",
  ])("is not seen in what is none: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});
