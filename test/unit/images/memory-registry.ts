import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Builder, PushProps } from "../../../images/builders/builder.ts";
import type { Source } from "../../../images/git/checkout.ts";
import { labelsOf } from "../../../images/labels.ts";

const mediaType = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** A registry with one repository, `app`, until the end of the test. */
export class MemoryRegistry {
  /** Manifests by tag and by digest. */
  private readonly manifests = new Map<string, string>();
  private readonly blobs = new Map<string, string>();
  /** What happens after a tag was set, and before anybody asks for it. */
  onTag: (tag: string) => void = () => {};
  host = "";

  static async start(): Promise<MemoryRegistry> {
    const registry = new MemoryRegistry();
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
      const [, kind, reference = ""] = /^\/v2\/app\/(manifests|blobs)\/(.+)$/.exec(request.url ?? "") ?? [];
      if (request.method === "PUT") {
        registry.set(reference, Buffer.concat(parts).toString());
        registry.onTag(reference);
        response.writeHead(201).end();
        return;
      }
      const found = (kind === "blobs" ? registry.blobs : registry.manifests).get(reference);
      response.writeHead(found === undefined ? 404 : 200, { "content-type": mediaType }).end(found);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    registry.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return registry;
  }

  /** The commit that a tag's image names. */
  commitOf(tag: string): string | undefined {
    const manifest = this.manifests.get(tag);
    if (manifest === undefined) return undefined;
    const config = this.blobs.get(JSON.parse(manifest).config.digest) as string;
    return JSON.parse(config).config.Labels["org.opencontainers.image.revision"];
  }

  /** Puts the image of a source in place, as another builder would. */
  put(tag: string, source: Source): string {
    const Labels = labelsOf({ source, folder: "", committedSec: 0, warnings: [] });
    const config = JSON.stringify({ config: { Labels } });
    this.blobs.set(digestOf(config), config);
    const manifest = JSON.stringify({ config: { digest: digestOf(config) } });
    this.set(tag, manifest);
    return digestOf(manifest);
  }

  /** A builder of images that are their labels, and no more. */
  builderOf(source: Source): Builder {
    return {
      version: "test",
      attests: false,
      build: async () => "image",
      push: async (_image: string, { tag }: PushProps) => this.put(tag, source),
    };
  }

  private set(reference: string, manifest: string): void {
    this.manifests.set(reference, manifest);
    this.manifests.set(digestOf(manifest), manifest);
  }
}
