import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer as createProxy, type Server } from "node:http";
import { createServer as createAws } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { connectionToAws } from "../../../access/aws-connection.ts";
import {
  type Authority,
  createAuthorityCertificate,
  generatePrivateKey,
  issueServerCertificate,
} from "../../../access/certificates.ts";
import { temporaryFolder } from "../lab/support.ts";

const host = "sts.eu-west-1.amazonaws.com";
const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult>
  <Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/me</Arn><UserId>me</UserId>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

let authority: Authority;
let aws: Server;
let proxy: Server;
let asked: string[];

const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  authority = await createAuthority();
  aws = createAws(await serverKeyPair(authority), (_request, response) => response.end(identity)).listen(
    0,
    "127.0.0.1",
  );
  proxy = createProxy().on("connect", ({ url }, client) => {
    asked.push(url as string);
    const way = connect(portOf(aws), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      way.pipe(client).pipe(way);
    });
    client.on("error", () => way.destroy());
    way.on("error", () => client.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await Promise.all([once(aws, "listening"), once(proxy, "listening")]);
});
afterAll(() => {
  aws.close();
  proxy.close();
});

beforeEach(() => {
  asked = [];
  vi.unstubAllEnvs();
  for (const name of ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "AWS_CA_BUNDLE"])
    vi.stubEnv(name, undefined);
});

describe("the connection to AWS", () => {
  it("goes by the proxy of the environment, to a server that the CA bundle of the environment vouches for", async () => {
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${portOf(proxy)}`);
    vi.stubEnv("AWS_CA_BUNDLE", bundleOf(authority));
    expect((await whoAmI()).Account).toBe("111122223333");
    expect(asked).toEqual([`${host}:443`]);
  });

  it("is refused to a server that no authority of the bundle vouches for", async () => {
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${portOf(proxy)}`);
    vi.stubEnv("AWS_CA_BUNDLE", bundleOf(await createAuthority()));
    await expect(whoAmI()).rejects.toThrow(/certificate/);
  });

  it("goes past the proxy where NO_PROXY says so", () => {
    vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${portOf(proxy)}`);
    vi.stubEnv("NO_PROXY", ".amazonaws.com");
    expect(connectionToAws("eu-west-1").httpsAgent).toBeUndefined();
  });

  it("that is no URL, or a bundle that is not there, is an error that names the variable", () => {
    vi.stubEnv("HTTPS_PROXY", "http://[");
    expect(() => connectionToAws("eu-west-1")).toThrow(
      expect.objectContaining({
        message: "the value of HTTPS_PROXY is not a URL",
        details: { fix: expect.stringContaining("write it as http://HOST:PORT") },
      }),
    );
    vi.stubEnv("HTTPS_PROXY", "");
    vi.stubEnv("AWS_CA_BUNDLE", "/nonexistent.pem");
    expect(() => connectionToAws("eu-west-1")).toThrow(
      expect.objectContaining({
        message: "AWS_CA_BUNDLE names /nonexistent.pem, but there is no such file or folder",
        details: { fix: "name a file of certificates in PEM, or unset it" },
      }),
    );
  });

  it("needs neither", () => {
    expect(connectionToAws("eu-west-1").httpsAgent).toBeUndefined();
  });
});

function whoAmI() {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const requestHandler = connectionToAws("eu-west-1");
  return new STSClient({ region: "eu-west-1", credentials, requestHandler, maxAttempts: 1 }).send(
    new GetCallerIdentityCommand({}),
  );
}

async function createAuthority(): Promise<Authority> {
  const privateKeyPem = await generatePrivateKey();
  const permitted = { names: [host], addresses: [] };
  const props = { name: "test", privateKeyPem, permitted, validityMs: 3_600_000, now: new Date() };
  return { privateKeyPem, certificatePem: await createAuthorityCertificate(props) };
}

async function serverKeyPair(authority: Authority) {
  const privateKeyPem = await generatePrivateKey();
  const request = { authority, privateKeyPem, names: [host], addresses: [], validityMs: 3_600_000, now: new Date() };
  return { key: privateKeyPem, cert: await issueServerCertificate(request) };
}

function bundleOf({ certificatePem }: Authority): string {
  const path = join(temporaryFolder(), "bundle.pem");
  writeFileSync(path, certificatePem);
  return path;
}
