import { type AddressInfo, isIP } from "node:net";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Authority,
  createAuthorityCertificate,
  generatePrivateKey,
  issueServerCertificate,
} from "../../access/certificates.ts";
import { findGo } from "../../artifacts/go.ts";
import { lastingFolder, write } from "./files.ts";
import { suiteWith } from "./program.ts";

const dayMs = 86_400_000;
const permitted = { names: ["registry.example.internal"], addresses: ["127.0.0.1", "203.0.113.7"] };
const { title, skip } = suiteWith("an authority", { openssl: "openssl", curl: "curl" });

/** The names of a certificate, and the one of them that the client uses for the server. */
interface Claim {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly as: string;
}

const goodClaims: Claim[] = [
  { names: ["registry.example.internal"], as: "registry.example.internal" },
  { names: ["mirror.registry.example.internal"], as: "mirror.registry.example.internal" },
  { names: ["*.registry.example.internal"], as: "a.registry.example.internal" },
  { names: ["registry.example.internal"], addresses: ["203.0.113.7"], as: "203.0.113.7" },
];

const badClaims: Claim[] = [
  { names: ["bank.example.com"], as: "bank.example.com" },
  { names: ["example.internal"], as: "example.internal" },
  { names: ["*.example.internal"], as: "other.example.internal" },
  { names: ["evil-registry.example.internal"], as: "evil-registry.example.internal" },
  { names: ["registry.example.internal", "bank.example.com"], as: "bank.example.com" },
  { addresses: ["203.0.113.8"], as: "203.0.113.8" },
  { addresses: ["::1"], as: "::1" },
  { names: ["registry.example.internal"], addresses: ["192.0.2.1"], as: "192.0.2.1" },
];

describe.skipIf(skip)(title, () => {
  const folder = lastingFolder();
  const file = (name: string) => join(folder, name);
  let authority: Authority;
  let addressless: Authority;

  const createAuthority = async (of: typeof permitted): Promise<Authority> => {
    const privateKeyPem = await generatePrivateKey();
    const props = { name: "demo registry CA", privateKeyPem, permitted: of, validityMs: 3650 * dayMs, now: new Date() };
    return { privateKeyPem, certificatePem: await createAuthorityCertificate(props) };
  };

  beforeAll(async () => {
    authority = await createAuthority(permitted);
    addressless = await createAuthority({ ...permitted, addresses: [] });
    await execa(await findGo(), ["build", "-o", file("tls-client"), "main.go"], {
      cwd: join(import.meta.dirname, "tls-client"),
      env: { GO111MODULE: "off", CGO_ENABLED: "0" },
    });
  }, 300_000);

  /** Each client's error for a server whose certificate the CA's key has signed; empty if it trusts the server. */
  async function answers(
    signer: Authority,
    { names = [], addresses = [], as }: Claim,
  ): Promise<Record<string, string>> {
    const key = await generatePrivateKey();
    const request = { authority: signer, privateKeyPem: key, names, addresses, validityMs: dayMs, now: new Date() };
    const cert = await issueServerCertificate(request);
    const ca = write(file("ca.pem"), signer.certificatePem);
    const leaf = write(file("leaf.pem"), cert);
    const server = createServer({ key, cert }, (socket) => {
      socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const said = async (program: string, ...args: string[]) => {
      const { failed, all } = await execa(program, args, { reject: false, all: true, timeout: 20_000 });
      return failed ? all || "failed" : "";
    };
    const host = as.includes(":") ? `[${as}]` : as;
    try {
      return {
        openssl: await said(
          "openssl",
          ...["verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath", "-no-CAstore", "-CAfile", ca],
          ...[isIP(as) ? "-verify_ip" : "-verify_hostname", as, leaf],
        ),
        curl: await said(
          "curl",
          ...["--silent", "--show-error", "--noproxy", "*", "--cacert", ca],
          ...["--connect-to", `::127.0.0.1:${port}`, `https://${host}:${port}/`],
        ),
        go: await said(file("tls-client"), ca, `127.0.0.1:${port}`, as),
        node: await handshake(port, signer.certificatePem, as),
      };
    } finally {
      server.close();
    }
  }

  const allContent = { openssl: "", curl: "", go: "", node: "" };
  const constrained = {
    openssl: expect.stringMatching(/permitted subtree violation|excluded subtree violation/),
    curl: expect.stringMatching(/SSL certificate problem: (permitted|excluded) subtree violation/),
    go: expect.stringMatching(/not authorized to sign for this name|is not permitted|is excluded/),
    node: expect.stringMatching(/permitted subtree violation|excluded subtree violation/),
  };

  it.each(goodClaims)("may sign for what it was made for, such as $as among $names", async (claim) => {
    expect(await answers(authority, claim)).toEqual(allContent);
  });

  it.each(badClaims)("may sign for nothing else, and no client believes it: $as among $names", async (claim) => {
    expect(await answers(authority, claim)).toEqual(constrained);
  });

  it.each(["203.0.113.7", "::1"])("that was made for no address may sign for none: %s", async (address) => {
    expect(await answers(addressless, { addresses: [address], as: address })).toEqual(constrained);
  });

  it("says so in critical extensions, and may do no more than sign servers' certificates", async () => {
    const ca = write(file("ca.pem"), authority.certificatePem);
    const { stdout } = await execa("openssl", ["x509", "-in", ca, "-noout", "-text"]);
    expect(stdout).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(stdout).toMatch(/X509v3 Name Constraints: critical\s+Permitted:\s+DNS:registry.example.internal/);
    expect(stdout).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(stdout).toMatch(/X509v3 Extended Key Usage: critical\s+TLS Web Server Authentication\n/);
  });

  it("that was limited later, with the same key, is as good for a certificate that was there before", async () => {
    const { privateKeyPem } = authority;
    const limits = { names: ["registry.example.internal", "new.example.internal"], addresses: [] };
    const props = { name: "demo registry CA", privateKeyPem, permitted: limits, validityMs: dayMs, now: new Date() };
    const reissued = await createAuthorityCertificate(props);
    const key = await generatePrivateKey();
    const names = ["registry.example.internal"];
    const leaf = await issueServerCertificate({
      ...{ authority, privateKeyPem: key, names, addresses: [], validityMs: dayMs, now: new Date() },
    });
    const verify = ["verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-CAfile", write(file("ca.pem"), reissued)];
    expect(await execa("openssl", [...verify, write(file("leaf.pem"), leaf)])).toMatchObject({ exitCode: 0 });
  });
});

/** @returns why Node.js does not trust the server; empty if it does. */
function handshake(port: number, ca: string, name: string): Promise<string> {
  return new Promise((resolve) => {
    const servername = isIP(name) ? "" : name;
    const socket = connect({ host: "127.0.0.1", port, ca, servername, checkServerIdentity: () => undefined }, () => {
      resolve("");
      socket.destroy();
    }).on("error", (error: NodeJS.ErrnoException) => resolve(`${error.code}: ${error.message}`));
  });
}
