import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { Registry } from "../../../images/registry/client.ts";

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
    const registry = await place(uploadingTo(() => "http://127.0.0.1:9/up?_state=s3cret-state"));
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
    await expect(registryAt(registry.host).labels(manifest)).rejects.toThrow("gives something else");
  });
});
