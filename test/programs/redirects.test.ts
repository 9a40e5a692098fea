import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Chain } from "./chain/chain.ts";
import { buildPrograms } from "./chain/programs.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("a redirection by a registry that is not itself any more", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
});

const hex = createHash("sha256").update("a blob").digest("hex");
const otherHex = createHash("sha256").update("another blob").digest("hex");
const path = `/v2/app/blobs/sha256:${hex}`;

describe.skipIf(skip)(title, () => {
  let chain: Chain;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    chain = await Chain.start({ registry: (request, response) => answer(request, response) });
  }, 60_000);
  afterAll(() => chain?.stop());
  afterEach(() => {
    chain.s3.requests.length = 0;
    chain.elsewhere.requests.length = 0;
    Object.assign(chain.s3, { refuseWith: undefined, headers: undefined });
  });

  /** What clients get, and what reaches any S3, if the registry answers with this Location. */
  async function followed(location: string, { method = "GET", from = path, status = 307 } = {}) {
    answer = (_, response) => response.writeHead(status, { location }).end();
    const answered = await chain.ask(method, from);
    return { ...answered, reached: [...chain.s3.requests, ...chain.elsewhere.requests].map(({ path }) => path) };
  }

  it("is followed to the blob that was asked for, in the cluster's bucket", async () => {
    const { reached } = await followed(chain.signedUrl(`sha256:${hex}`));
    expect(reached).toEqual([new URL(chain.signedUrl(`sha256:${hex}`)).pathname]);
  });

  /** Each turns the right URL into another one. */
  const hostile: [string, (url: string) => string][] = [
    ["plain HTTP", (url) => url.replace("https:", "http:")],
    ["another scheme", (url) => url.replace("https:", "ftp:")],
    ["no scheme", (url) => url.replace("https:", "")],
    ["a path alone", (url) => new URL(url).pathname],
    ["a user", (url) => url.replace("https://", "https://user@")],
    [
      "the right host as a user of another one",
      (url) => url.replace("/registry-example", "@127.0.0.1/registry-example"),
    ],
    ["another host", (url) => url.replace("localhost", "127.0.0.1")],
    ["the metadata service", () => "http://169.254.169.254/latest/meta-data/iam/security-credentials/"],
    ["the registry itself", () => `http://127.0.0.1/v2/other/blobs/sha256:${hex}`],
    ["a unix socket", () => "http://unix:/run/docker.sock:/containers/json"],
    ["a host that begins like the right one", (url) => url.replace("localhost", "localhost.example.org")],
    ["a host that ends like the right one", (url) => url.replace("localhost", "evil-localhost")],
    ["the right host in upper case", (url) => url.replace("localhost", "LOCALHOST")],
    ["another server with a good certificate", (url) => url.replace(/:\d+/, `:${chain.elsewhere.port}`)],
    ["no port", (url) => url.replace(/:\d+/, "")],
    ["another bucket", (url) => url.replace("registry-example-internal", "other-bucket")],
    ["a bucket that begins like the right one", (url) => url.replace("example-internal", "example-internal-2")],
    ["another key", (url) => url.replace("/data?", "/link?")],
    ["another folder of the bucket", (url) => url.replace("/registry/docker", "/other/docker")],
    ["the list of the bucket", (url) => url.replace(/internal\/.*\?/, "internal/?list-type=2&")],
    ["another blob", (url) => url.replaceAll(hex, otherHex)],
    ["another blob, with the right one in the query", (url) => `${url.replace(hex, otherHex)}&X-Amz-Blob=${hex}`],
    ["a way up", (url) => url.replace("/blobs/", "/x/../blobs/")],
    ["an encoded way up", (url) => url.replace("/blobs/", "/x/%2e%2e/blobs/")],
    ["doubled slashes", (url) => url.replace("/docker/", "//docker/")],
    ["no signature", (url) => url.replace(/\?.*/, "")],
    ["a query that changes what S3 answers", (url) => `${url}&response-content-type=text%2Fhtml`],
    ["another version of the object", (url) => `${url}&versionId=1`],
    ["a fragment", (url) => `${url}#fragment`],
    ["a blank, and a request of its own", (url) => `${url} HTTP/1.1 GET /other`],
    ["an encoded line break", (url) => `${url}%0d%0aX-Evil:`.replace("?", "%0d%0aHost: x?")],
    ["a tab", (url) => `${url}\tx`],
  ];

  it.each(hostile)("to %s is not followed, and clients hear that it is the registry's fault", async (_what, change) => {
    const { status, headers, reached } = await followed(change(chain.signedUrl(`sha256:${hex}`)));
    expect([status, headers.location, reached]).toEqual([502, undefined, []]);
  });

  it.each(["HEAD", "GET"])("is not followed for anything but a blob, with %s", async (method) => {
    for (const from of ["/v2/", "/v2/app/manifests/latest", "/v2/_catalog", `${path}/`]) {
      const { status, reached } = await followed(chain.signedUrl(`sha256:${hex}`), { method, from });
      expect([status, reached]).toEqual([502, []]);
    }
  });

  it.each(["/healthz", "@blob", "@write", "/v2/other"])("by X-Accel-Redirect: %s is no redirection", async (where) => {
    answer = (_, response) => response.writeHead(200, { "x-accel-redirect": where }).end("the registry's");
    expect((await chain.ask("GET", path)).body.toString()).toBe("the registry's");
  });

  it("leaves nothing in the cache that it should not have led to", async () => {
    for (let i = 1; i <= 4; i++) await followed(chain.signedUrl(`sha256:${otherHex}`));
    expect(await chain.cachedBytes()).toBeLessThan(10_000);
    const { status } = await followed(chain.signedUrl(`sha256:${hex}`));
    expect(status).not.toBe(200);
  });

  it.each([301, 302, 303, 307, 308])("by S3 (%i) is not followed, and is not shown to clients", async (status) => {
    Object.assign(chain.s3, {
      refuseWith: status,
      headers: { location: "https://other.s3.amazonaws.com/?X-Amz-Signature=a" },
    });
    const answered = await followed(chain.signedUrl(`sha256:${hex}`));
    expect([answered.status, answered.headers.location, answered.reached.length]).toEqual([502, undefined, 1]);
  });

  it.each([400, 401, 403, 404, 405, 409, 411, 412, 429, 500, 501, 503])(
    "after which S3 answers %i shows nothing of S3's words, in a registry's form",
    async (status) => {
      Object.assign(chain.s3, {
        refuseWith: status,
        headers: { "x-amz-request-id": "1" },
      });
      const { headers, body, ...answered } = await followed(chain.signedUrl(`sha256:${hex}`));
      expect([answered.status, headers["content-type"]]).toEqual([502, "application/json"]);
      expect(JSON.parse(body.toString())).toMatchObject({ errors: [{ code: "UNAVAILABLE" }] });
      expect(Object.keys(headers).filter((name) => name.startsWith("x-amz"))).toEqual([]);
    },
  );
});
