import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { OperatorError } from "../../../common/errors.ts";
import { Registry } from "../../../registry/client.ts";
import { loginPlaces } from "../../../registry/login.ts";

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

interface Place {
  readonly host: string;
  /** Logins by method and path. */
  readonly seen: Map<string, string | undefined>;
}

/** A registry, or where one leads, in plain HTTP on this machine. */
async function place(answer: Answerer, address = "127.0.0.1"): Promise<Place> {
  const seen = new Map<string, string | undefined>();
  const server: Server = createServer((request, response) => {
    request.resume();
    seen.set(`${request.method} ${request.url}`, request.headers.authorization);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `${address}:${(server.address() as AddressInfo).port}`, seen };
}

const registryAt = (host: string) => new Registry({ name: { host, path: "app" }, login: "ci:s3cret" });
const config = JSON.stringify({ config: { Labels: { here: "yes" } } });
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const part = { digest: digestOf(config), bytes: config.length, content: () => Readable.from([config]) };
const manifest = { digest: "", mediaType: "", text: JSON.stringify({ config: { digest: digestOf(config) } }) };
const given = `Basic ${Buffer.from("ci:s3cret").toString("base64")}`;

const uploadingTo = (location: (host: string) => string): Answerer => {
  return (request, response) => {
    if (request.method === "HEAD") response.writeHead(404).end();
    else if (request.method === "POST") {
      response.writeHead(202, { location: location(request.headers.host ?? "") }).end();
    } else response.writeHead(201).end();
  };
};

describe("the login of a registry", () => {
  it.each([
    ["a path", () => "/v2/app/blobs/uploads/1?_state=x"],
    ["its own URL", (host: string) => `http://${host}/v2/app/blobs/uploads/1?_state=x`],
  ])("goes to where it has an upload sent by %s", async (_how, location) => {
    const registry = await place(uploadingTo(location));
    await registryAt(registry.host).upload(part);
    const put = [...registry.seen].find(([request]) => request.startsWith("PUT"));
    expect(put?.[0]).toContain("_state=x&digest=sha256");
    expect(put?.[1]).toBe(given);
  });

  it.each(["127.0.0.1", "127.0.0.2"])(
    "does not go to another place that it has an upload sent to: %s",
    async (address) => {
      const other = await place((_request, response) => response.writeHead(201).end(), address);
      const registry = await place(uploadingTo(() => `http://${other.host}/up`));
      await registryAt(registry.host).upload(part);
      expect([...other.seen.values()]).toEqual([undefined]);
    },
  );

  it.each([301, 302, 303, 307, 308])("does not go to where it has a part fetched from (%i)", async (status) => {
    const other = await place((_request, response) => response.end(config));
    const registry = await place((_request, response) =>
      response.writeHead(status, { location: `http://${other.host}/blob?X-Amz-Signature=1` }).end(),
    );
    expect(await registryAt(registry.host).labels(manifest)).toEqual({ here: "yes" });
    expect([...other.seen]).toEqual([["GET /blob?X-Amz-Signature=1", undefined]]);
    expect([...registry.seen.values()]).toContain(given);
  });

  it("does not go to who says that he gives out tokens", async () => {
    const other = await place((_request, response) => response.end("{}"));
    const challenge = { "www-authenticate": `Bearer realm="http://${other.host}/token",service="x"` };
    const registry = await place((_request, response) => response.writeHead(401, challenge).end());
    await expect(registryAt(registry.host).manifest("v1")).rejects.toThrow("the registry refuses");
    expect(other.seen.size).toBe(0);
  });

  it("is not shown with the URL that cannot be asked", async () => {
    const withoutTls = await place((_request, response) => response.end());
    const registry = await place(uploadingTo(() => `https://${withoutTls.host}/up?_state=s3cret-state`));
    const failure = await registryAt(registry.host)
      .upload(part)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(JSON.stringify([String(failure), failure])).not.toContain("s3cret");
  });
});

describe("a part of an image", () => {
  it("that is not what was asked for is refused", async () => {
    const registry = await place((_request, response) => response.end("something else"));
    await expect(registryAt(registry.host).labels(manifest)).rejects.toThrow("sent the wrong content");
  });
});

describe("a registry that fails for a moment", () => {
  // The pauses between attempts are seconds.
  beforeEach(() => {
    const { setTimeout } = globalThis;
    vi.stubGlobal("setTimeout", (then: () => void, ms: number) => setTimeout(then, ms / 100));
  });
  afterEach(() => vi.unstubAllGlobals());

  /** Fails as often as it says, each time in another way. */
  const failingFirst = (failures: number, answer: Answerer): Answerer => {
    let seen = 0;
    return (request, response) => {
      if (request.method === "HEAD") return answer(request, response);
      seen++;
      if (seen > failures) return answer(request, response);
      if (seen % 2 === 0) request.socket.destroy();
      else response.writeHead(500).end();
    };
  };

  it("is asked again for a manifest", async () => {
    const { host } = await place(failingFirst(2, (_request, response) => response.writeHead(200).end("{}")));
    expect(await registryAt(host).manifest("v1")).toMatchObject({ text: "{}" });
  });

  it("gets a part and a tag again", async () => {
    const { host, seen } = await place(
      failingFirst(
        2,
        uploadingTo(() => "/v2/app/blobs/uploads/1"),
      ),
    );
    const registry = registryAt(host);
    await registry.upload(part);
    await registry.tag("v1", manifest);
    expect([...seen.keys()].at(-1)).toBe("PUT /v2/app/manifests/v1");
  });

  it("is asked once where it refuses for good", async () => {
    let asked = 0;
    const { host } = await place((_request, response) => {
      asked++;
      response.writeHead(401).end();
    });
    await expect(registryAt(host).manifest("v1")).rejects.toThrow("the registry refuses");
    expect(asked).toBe(1);
  });

  it("is not waited for where it has never answered", async () => {
    const begun = Date.now();
    await expect(registryAt("127.0.0.1:1").manifest("v1")).rejects.toThrow("cannot reach the registry");
    expect(Date.now() - begun).toBeLessThan(5_000);
  });
});

it.each([401, 403])("a refusal (%s) names the files in which a login was looked for", async (status) => {
  const registry = await place((_request, response) => response.writeHead(status).end());
  const failure = await registryAt(registry.host)
    .manifest("v1")
    .catch((error: OperatorError) => error);
  expect((failure as OperatorError).describe()).toContain(loginPlaces());
});
