import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthorityCertificate, generatePrivateKey, issueServerCertificate } from "../../access/certificates.ts";

const dayMs = 86_400_000;
const missing = execaSync("openssl", ["version"], { reject: false }).failed;
const suite = missing ? "OpenSSL (skipped: there is no openssl on PATH; install it)" : "OpenSSL";

describe.skipIf(missing)(suite, () => {
  const folder = mkdtempSync(join(tmpdir(), "openssl-"));
  const [ca, server, key, otherCa] = ["ca.pem", "server.pem", "server.key", "other-ca.pem"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];

  /** @returns the exit code and all output of openssl. */
  async function openssl(...args: string[]): Promise<{ code: number | undefined; output: string }> {
    const { exitCode, all } = await execa("openssl", args, { reject: false, all: true });
    return { code: exitCode, output: all };
  }

  beforeAll(async () => {
    // openssl uses the real clock.
    const now = new Date();
    const authorityKey = await generatePrivateKey();
    const permitted = { names: ["registry.example.internal", "mirror.example.internal"], addresses: ["203.0.113.7"] };
    const validityMs = 3650 * dayMs;
    const authorityProps = { name: "demo registry CA", privateKeyPem: authorityKey, permitted, validityMs, now };
    const authority = { privateKeyPem: authorityKey, certificatePem: await createAuthorityCertificate(authorityProps) };
    const privateKeyPem = await generatePrivateKey();
    writeFileSync(ca, authority.certificatePem);
    writeFileSync(key, privateKeyPem);
    writeFileSync(
      server,
      await issueServerCertificate({
        authority,
        privateKeyPem,
        names: ["registry.example.internal", "mirror.example.internal"],
        addresses: ["203.0.113.7"],
        validityMs: 397 * dayMs,
        now,
      }),
    );
    writeFileSync(otherCa, await createAuthorityCertificate({ ...authorityProps, privateKeyPem }));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const verify = (...args: string[]) => openssl("verify", "-x509_strict", "-purpose", "sslserver", ...args, server);

  it("accepts the server certificate for a name, by the strict rules", async () => {
    expect(await verify("-CAfile", ca, "-verify_hostname", "registry.example.internal")).toMatchObject({ code: 0 });
  });

  it("accepts the server certificate for an address", async () => {
    expect(await verify("-CAfile", ca, "-verify_ip", "203.0.113.7")).toMatchObject({ code: 0 });
  });

  it("refuses the server certificate for another name", async () => {
    const { code, output } = await verify("-CAfile", ca, "-verify_hostname", "other.example.internal");
    expect(output).toContain("hostname mismatch");
    expect(code).not.toBe(0);
  });

  it("refuses the server certificate when another authority of the same name is trusted", async () => {
    const { code, output } = await verify("-no-CApath", "-no-CAstore", "-CAfile", otherCa);
    expect(output).toContain("verification failed");
    expect(code).not.toBe(0);
  });

  it.each([
    ["-checkhost", "mirror.example.internal", "does match"],
    ["-checkhost", "other.example.internal", "does NOT match"],
    ["-checkip", "203.0.113.7", "does match"],
    ["-checkip", "203.0.113.8", "does NOT match"],
  ])("says of %s %s that it %s", async (check, value, answer) => {
    expect((await openssl("x509", "-in", server, "-noout", check, value)).output).toContain(answer);
  });

  it("finds that the authority may sign servers' certificates only, and may do nothing else", async () => {
    const { output } = await openssl("x509", "-in", ca, "-noout", "-ext", "basicConstraints,keyUsage");
    expect(output).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(output).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
  });

  it("reads the private key, and finds it to be the certificate's", async () => {
    const [ofKey, ofCertificate] = await Promise.all([
      openssl("pkey", "-in", key, "-pubout"),
      openssl("x509", "-in", server, "-noout", "-pubkey"),
    ]);
    expect(ofKey).toMatchObject({ code: 0, output: expect.stringContaining("BEGIN PUBLIC KEY") });
    expect(ofKey.output).toBe(ofCertificate.output);
  });
});
