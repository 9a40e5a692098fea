import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { createAuthorityCertificate, generatePrivateKey } from "../../access/certificates.ts";
import { temporaryFolder, write } from "./files.ts";
import { suiteWith } from "./program.ts";

const script = join(import.meta.dirname, "..", "..", "salt", "pki", "files", "check-key-pair");
const dayMs = 86_400_000;
const { title, skip } = suiteWith("check-key-pair", { openssl: "openssl" });

describe.skipIf(skip)(title, () => {
  async function newPair(now = new Date()): Promise<{ certificate: string; key: string }> {
    const key = await generatePrivateKey();
    const permitted = { names: ["registry.example.internal"], addresses: [] };
    const props = { name: "demo", privateKeyPem: key, permitted, validityMs: dayMs, now };
    const certificate = await createAuthorityCertificate(props);
    return { certificate, key };
  }

  const check = (...parts: string[]) =>
    execa("bash", [script, write(join(temporaryFolder(), "server.pem"), `${parts.join("\n")}\n`)], {
      reject: false,
      all: true,
    });

  it("accepts a certificate and its key", async () => {
    const { certificate, key } = await newPair();
    expect(await check(certificate, key)).toMatchObject({ exitCode: 0 });
  });

  it("refuses the key of another certificate", async () => {
    const [{ certificate }, { key }] = [await newPair(), await newPair()];
    const { exitCode, all } = await check(certificate, key);
    expect(exitCode).toBe(1);
    expect(all).toContain("the key does not belong to the certificate");
  });

  it("refuses a certificate that has expired", async () => {
    const { certificate, key } = await newPair(new Date(Date.now() - 2 * dayMs));
    expect(await check(certificate, key)).toMatchObject({ exitCode: 1 });
  });

  it("refuses a file without a key", async () => {
    const { certificate } = await newPair();
    expect(await check(certificate)).toMatchObject({ exitCode: 1 });
  });
});
