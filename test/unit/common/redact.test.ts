import { describe, expect, it } from "vitest";
import { redact } from "../../../common/secrets/redact.ts";

// put together here, so that no scanner takes this file for a leak
const b64 = (length: number) => "aB3/".repeat(length).slice(0, length);
const dashes = "-".repeat(5);
const key = (kind: string) =>
  `${dashes}BEGIN ${kind}${dashes}\n+   ${b64(64)}\n+   ${b64(20)}\n+ ${dashes}END ${kind}${dashes}`;
const jwtPart = (json: string) => Buffer.from(json).toString("base64url");
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
    ["a token of npm", `npm_${"aB3dE5".repeat(6)}`],
    ["a token of npm that nobody would make", `npm_${"a".repeat(36)}`],
    ["a token of Docker Hub", `dckr_pat_${"aB3_x".repeat(5)}ab`],
    ["a token of a Slack bot", `xoxb-123456789012-1234567890123-${"aBcD1".repeat(4)}aBcD`],
    ["a key of Google", `AIza${"SyD1x".repeat(7)}`],
    ["a key of Stripe", `sk_${"live"}_${"aB3dE5".repeat(4)}`],
    ["a JSON Web Token", `${jwtPart('{"alg":"HS256"}')}.${jwtPart('{"sub":"1234567890"}')}.${"aB3_-".repeat(8)}`],
    ["a token of PyPI", `pypi-${"AgEIcHlwaS5vcmc"}${"aB3dE5".repeat(10)}`],
    ["a key of SendGrid", `SG.${"aB3dE5".repeat(4)}.${"aB3dE5".repeat(7)}`],
    ["a token of DigitalOcean", `dop_v1_${"0a".repeat(32)}`],
    ["a token of Hugging Face", `hf_${"aBcDe".repeat(7).slice(1)}`],
    ["a token of Doppler", `dp.pt.${"aB3dE5".repeat(8).slice(5)}`],
    ["a key of Postman", `PMAK-${"0a".repeat(12)}-${"0a".repeat(17)}`],
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
    ['password = "', "hunter2", '"'],
    ["DB_PASSWORD: ", "hunter2", ""],
    ["db-password: '", "hunter 2", "'"],
    ['"apiKey": "', "hunter2", '"'],
    ["DB_PASSWORD: ", "hunter", " # a comment"],
    ["MYSQL_PWD=", "hunter", " mysql"],
    ["POSTGRES_PASSWORD=", "hunter2", " next"],
    ["https://git.example/x?private_token=", "hunter2", "&x=1"],
    ["run --registry-token ", "hunter2", " x"],
    ["https://", "user:hunter2", "@host/x"],
    ["postgres://", "user:hunter2/x", "@host:5432/x"],
    ["https://", "hunter2", "@github.com/x"],
    ['  ! password    = "', "hunter2", '" -> "[redacted]"'],
  ])("is redacted where its place says so: %s", (before, secret, after) => {
    expect(redact(`${before}${secret}${after}`)).toBe(`${before}[redacted]${after}`);
  });

  it("is redacted on both sides of a change", () => {
    expect(redact('! password = "hunter2" -> "hunter3"')).toBe('! password = "[redacted]" -> "[redacted]"');
  });

  it("is redacted on the lines below its name", () => {
    expect(redact("password: |\n  hunter2\nnext: x")).toBe("password: [redacted]\nnext: x");
  });

  it.each([
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFaGOOsOOC/mMt8N8JefXi67lnqKfhQWFeq5rtdrt37o operator@example.com",
    'etag = "a46301c284e41f96b82b48e46b843042"',
    "sha256: b3f93ab8eabdc1bda8765338c290535339df19fe5d357bb08bc339a05c8239c9",
    'kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/b23c8350-dc1d-4875-8a9a-14c5474bc5a6"',
    "password = (sensitive value)",
    'http_tokens = "required"',
    "+ password_data = (known after apply)",
    'password = ""',
    "admin ALL=(ALL:ALL) NOPASSWD: ALL",
    "of a password: remove the user and add it again",
    'token = ask("PUT", url)',
    "password: null",
    "password: ${DB_PASSWORD}",
    "token = var.token",
    "htpasswd: /etc/distribution/htpasswd",
    "secret: /registry-cluster/registry/builder/netrc",
    "ssh://git@git.example/team/app.git",
    "https://registry.example:5000/v2/@scope",
    'resources = ["arn:aws:ssm:eu-west-1:123456789012:parameter/registry-cluster/registry/registry/*"]',
  ])("is not seen in what is none: %s", (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe("a text that is made to take long", () => {
  it.each(["password", "adafruit ", "ey", "-----BEGIN PRIVATE KEY-----", "https://a:", "a"])(
    "is read in no time: %s",
    (word) => {
      const begun = Date.now();
      redact(word.repeat(100_000 / word.length));
      expect(Date.now() - begun).toBeLessThan(10_000);
    },
  );
});
