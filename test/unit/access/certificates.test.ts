import { X509Certificate } from "node:crypto";
import { connect, createServer, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Authority,
  certificateCovers,
  certificateTimeLeftMs,
  createAuthorityCertificate,
  generatePrivateKey,
  issueServerCertificate,
  renewalReason,
} from "../../../access/certificates.ts";

const dayMs = 86_400_000;
const now = new Date("2030-06-15T12:00:00Z");
const names = ["registry.example.internal", "mirror.example.internal"];
const addresses = ["203.0.113.7"];

async function createAuthority(created: Date = now): Promise<Authority> {
  const privateKeyPem = await generatePrivateKey();
  const permitted = { names, addresses };
  const props = { name: "demo registry CA", privateKeyPem, permitted, validityMs: 3650 * dayMs, now: created };
  return { privateKeyPem, certificatePem: await createAuthorityCertificate(props) };
}

let authority: Authority;
let privateKeyPem: string;
let certificatePem: string;

beforeAll(async () => {
  authority = await createAuthority();
  privateKeyPem = await generatePrivateKey();
  certificatePem = await issueServerCertificate({
    authority,
    privateKeyPem,
    names,
    addresses,
    validityMs: 397 * dayMs,
    now,
  });
});

describe("an authority's certificate", () => {
  it("is a P-256 certificate authority that signed itself", () => {
    const certificate = new X509Certificate(authority.certificatePem);
    expect(certificate.ca).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  });

  it("is named as asked, whatever the name contains", async () => {
    const props = { name: "demo, O=Evil + CA", privateKeyPem, permitted: { names, addresses }, validityMs: dayMs, now };
    expect(new X509Certificate(await createAuthorityCertificate(props)).toLegacyObject().subject).toEqual({
      CN: "demo, O=Evil + CA",
    });
  });

  it("is valid from an hour ago until the end of its validity", () => {
    const certificate = new X509Certificate(authority.certificatePem);
    expect(new Date(certificate.validFrom)).toEqual(new Date("2030-06-15T11:00:00Z"));
    expect(certificateTimeLeftMs(authority.certificatePem, now)).toBe(3650 * dayMs);
  });
});

describe("a server certificate", () => {
  it("is signed by its authority", () => {
    const certificate = new X509Certificate(certificatePem);
    const issuer = new X509Certificate(authority.certificatePem);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
  });

  it("is no authority itself, and serves servers only", () => {
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  it("names all names and addresses", () => {
    expect(new X509Certificate(certificatePem).subjectAltName).toBe(
      "DNS:registry.example.internal, DNS:mirror.example.internal, IP Address:203.0.113.7",
    );
  });

  it("has a serial number of its own", async () => {
    const again = await issueServerCertificate({
      authority,
      privateKeyPem,
      names,
      addresses,
      validityMs: 397 * dayMs,
      now,
    });
    expect(new X509Certificate(again).serialNumber).not.toBe(new X509Certificate(certificatePem).serialNumber);
  });

  it("never outlives its authority", async () => {
    const short = await issueServerCertificate({
      authority,
      privateKeyPem,
      names,
      addresses,
      validityMs: 9999 * dayMs,
      now,
    });
    expect(new X509Certificate(short).validTo).toBe(new X509Certificate(authority.certificatePem).validTo);
  });

  it("can be issued for a name that is too long for a common name", async () => {
    const long = `${"a".repeat(60)}.${"b".repeat(60)}.example.internal`;
    const pem = await issueServerCertificate({
      authority,
      privateKeyPem,
      names: [long],
      addresses,
      validityMs: dayMs,
      now,
    });
    expect(certificateCovers(pem, [long], addresses)).toBe(true);
  });

  it("lets a client that trusts the authority, and no other client, shake hands", async () => {
    // node:tls looks at the real clock.
    const today = new Date();
    const live = await createAuthority(today);
    const cert = await issueServerCertificate({
      authority: live,
      privateKeyPem,
      names,
      addresses,
      validityMs: dayMs,
      now: today,
    });
    const server = createServer({ key: privateKeyPem, cert }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };

    const shakeHands = (ca: string, servername: string) =>
      new Promise<string>((resolve) => {
        const socket: TLSSocket = connect({ host: "127.0.0.1", port, ca, servername }, () => {
          resolve("trusted");
          socket.destroy();
        }).on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      });
    try {
      expect(await shakeHands(live.certificatePem, "registry.example.internal")).toBe("trusted");
      expect(await shakeHands(live.certificatePem, "other.example.internal")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
      expect(await shakeHands(authority.certificatePem, "registry.example.internal")).not.toBe("trusted");
    } finally {
      server.close();
    }
  });
});

describe("a certificate covers", () => {
  it("names and addresses that it was issued for, in part or in full", () => {
    expect(certificateCovers(certificatePem, names, addresses)).toBe(true);
    expect(certificateCovers(certificatePem, ["mirror.example.internal"], [])).toBe(true);
  });

  it("no other name", () => {
    expect(certificateCovers(certificatePem, ["other.example.internal"], [])).toBe(false);
  });

  it("no other address", () => {
    expect(certificateCovers(certificatePem, [], ["203.0.113.8"])).toBe(false);
  });
});

describe("a server certificate is renewed", () => {
  const wanted = () => ({ authority, privateKeyPem, names, addresses, now });

  it("not while it is good for what is asked", () => {
    expect(renewalReason(certificatePem, wanted())).toBeUndefined();
  });

  it("not while it has 30 days left", () => {
    const later = new Date(now.getTime() + 367 * dayMs);
    expect(renewalReason(certificatePem, { ...wanted(), now: later })).toBeUndefined();
  });

  it("when less than 30 days are left", () => {
    const later = new Date(now.getTime() + 367 * dayMs + 1);
    expect(renewalReason(certificatePem, { ...wanted(), now: later })).toBe("it has 29 days left");
  });

  it("when it has expired", () => {
    const later = new Date(now.getTime() + 500 * dayMs);
    expect(renewalReason(certificatePem, { ...wanted(), now: later })).toBe("it has 0 days left");
  });

  it("when a name is new", () => {
    expect(renewalReason(certificatePem, { ...wanted(), names: [...names, "new.example.internal"] })).toBe(
      "names or addresses have changed",
    );
  });

  it("when an address is new", () => {
    expect(renewalReason(certificatePem, { ...wanted(), addresses: ["203.0.113.8"] })).toBe(
      "names or addresses have changed",
    );
  });

  it("when the authority is another one", async () => {
    expect(renewalReason(certificatePem, { ...wanted(), authority: await createAuthority() })).toBe(
      "it is signed by another authority",
    );
  });

  it("when the private key is another one", async () => {
    expect(renewalReason(certificatePem, { ...wanted(), privateKeyPem: await generatePrivateKey() })).toBe(
      "it belongs to another private key",
    );
  });
});
