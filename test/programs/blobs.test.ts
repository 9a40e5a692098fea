import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { digestOf, pathOf, push } from "./chain/blobs.ts";
import { Chain, type ChainOptions } from "./chain/chain.ts";
import { buildPrograms } from "./chain/programs.ts";
import { suiteWith } from "./program.ts";

const mib = 1024 * 1024;

const { title, skip } = suiteWith("pulls", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
  unshare: "util-linux",
});

describe.skipIf(skip)(title, () => {
  let chain: Chain;
  beforeAll(buildPrograms, 900_000);

  /** A new random blob in the registry. */
  const pushed = (bytes: number, repository = "app") => push(chain, bytes, repository);

  async function pull(content: Buffer, times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      const { status, body } = await chain.ask("GET", pathOf(content));
      expect([status, digestOf(body)]).toEqual([200, digestOf(content)]);
    }
  }

  /** A new random blob that the cache holds. */
  async function cached(bytes: number): Promise<Buffer> {
    const content = await pushed(bytes);
    await pull(content, 2);
    await untilKept(content);
    chain.s3.blobRequests.length = 0;
    return content;
  }

  /** nginx puts a blob into its cache just after sending it. */
  async function untilKept(content: Buffer): Promise<void> {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
      await pull(content);
      if ((await chain.cacheStatuses(pathOf(content), 1))[0] === "HIT") return;
    }
    throw new Error("the blob does not get into the cache");
  }

  /** Requests a blob many times at once, while S3 keeps every answer open. @returns how many requests reach S3 within a second */
  async function underWayAtOnce(content: Buffer, headers: Record<string, string>): Promise<number> {
    let release = () => {};
    chain.s3.hold = new Promise((resolve) => {
      release = resolve;
    });
    const whole = chain.ask("GET", pathOf(content));
    while (chain.s3.blobRequests.length === 0) await sleep(20);
    const others = Array.from({ length: 8 }, () => chain.ask("GET", pathOf(content), { headers }));
    await sleep(1_500);
    const reached = chain.s3.blobRequests.length;
    release();
    for (const { status } of await Promise.all([whole, ...others])) expect([200, 206]).toContain(status);
    return reached;
  }

  describe("with the cache of blobs", () => {
    beforeAll(async () => {
      chain = await Chain.start();
    }, 60_000);
    afterAll(() => chain?.stop());
    afterEach(() => {
      Object.assign(chain.s3, { cutAfterBytes: undefined, refuseWith: undefined, hold: undefined, headers: undefined });
      chain.s3.blobRequests.length = 0;
    });

    it("come from S3 the first two times, and then from the proxy", async () => {
      const content = await pushed(3 * mib);
      await pull(content, 2);
      await untilKept(content);
      chain.s3.blobRequests.length = 0;
      await pull(content, 3);
      expect(chain.s3.blobRequests).toEqual([]);
      expect((await chain.cacheStatuses(pathOf(content), 6)).slice(0, 2)).toEqual(["MISS", "MISS"]);
    });

    it("have the headers of a registry, and none of S3's own", async () => {
      const content = await cached(1000);
      const { headers } = await chain.ask("GET", pathOf(content));
      expect(headers).toMatchObject({
        "content-length": "1000",
        "content-type": "application/octet-stream",
        "docker-content-digest": digestOf(content),
        "docker-distribution-api-version": "registry/2.0",
        "cache-control": "max-age=31536000",
        "x-content-type-options": "nosniff",
      });
      expect(Object.keys(headers).filter((name) => name.startsWith("x-amz"))).toEqual([]);
    });

    it("have none of S3's headers, whatever S3 sends", async () => {
      const amazon = [
        "request-id",
        "id-2",
        "version-id",
        "storage-class",
        "checksum-sha256",
        "checksum-type",
        "expiration",
      ];
      const others = [
        "content-disposition",
        "content-language",
        "expires",
        "set-cookie",
        "vary",
        "last-modified",
        "etag",
      ];
      chain.s3.headers = {
        ...Object.fromEntries(amazon.map((name) => [`x-amz-${name}`, "of S3"])),
        ...Object.fromEntries(others.map((name) => [name, "of S3"])),
        "content-type": "text/html",
      };
      const content = await pushed(1000);
      for (const range of ["", "bytes=0-9"]) {
        for (let i = 1; i <= 3; i++) {
          const { status, headers } = await chain.ask("GET", pathOf(content), { headers: range ? { range } : {} });
          expect(status).toBe(range ? 206 : 200);
          expect(Object.values(headers)).not.toContain("of S3");
          expect(headers).toMatchObject({ "content-type": "application/octet-stream", etag: `"${digestOf(content)}"` });
        }
      }
    });

    it("tell S3 nothing of the client but which part it wants", async () => {
      const content = await pushed(1000);
      const headers = {
        ...{
          cookie: "a=b",
          "x-secret": "c",
          "x-amz-security-token": "d",
          "x-forwarded-for": "192.0.2.1",
          te: "trailers",
        },
        ...{
          accept: "text/html",
          "accept-encoding": "gzip",
          "user-agent": "docker",
          referer: "http://x/",
          via: "1.1 x",
        },
        ...{
          expect: "100-continue",
          origin: "http://x",
          upgrade: "websocket",
          connection: "upgrade",
          "content-length": "5",
        },
      };
      const body = Buffer.from("hello");
      await chain.ask("GET", pathOf(content), { headers, body });
      await chain.ask("GET", pathOf(content), { headers: { ...headers, range: "bytes=0-9" }, body });
      expect(chain.s3.blobRequests.map((request) => Object.keys(request.headers))).toEqual([
        ["host"],
        ["host", "range"],
      ]);
    });

    it.each([
      ["a body", { "content-length": "5" }],
      ["a body in chunks", { "transfer-encoding": "chunked" }],
      ["a body that is still to come", { "content-length": "500000" }],
    ])("with %s are answered as ones without, at once", async (_what, headers: Record<string, string>) => {
      const content = await pushed(1000);
      for (let i = 1; i <= 4; i++) {
        const begun = Date.now();
        const { status, body } = await chain.ask("GET", pathOf(content), { headers, body: Buffer.from("hello") });
        expect([status, digestOf(body)]).toEqual([200, digestOf(content)]);
        expect(Date.now() - begun).toBeLessThan(5_000);
      }
    });

    it.each([
      ["a wrong password", "wrong"],
      ["no login", ""],
    ])("are refused with %s although the proxy has the blob", async (_what, password) => {
      const content = await cached(1000);
      const refused = await chain.ask("GET", pathOf(content), { password });
      expect(refused.status).toBe(401);
      expect(refused.headers["www-authenticate"]).toBe('Basic realm="registry.example.internal"');
      expect(refused.body.toString()).toContain("UNAUTHORIZED");
      expect(chain.s3.blobRequests).toEqual([]);
    });

    it("of a blob that another repository has are not found", async () => {
      const content = await cached(1000);
      const answer = await chain.ask("GET", pathOf(content, "other"));
      expect([answer.status, answer.body.toString()]).toEqual([404, expect.stringContaining("BLOB_UNKNOWN")]);
    });

    it("come from the proxy in every repository that has the blob", async () => {
      const content = await cached(1000);
      const mount = `/v2/second/blobs/uploads/?mount=${digestOf(content)}&from=app`;
      expect((await chain.ask("POST", mount)).status).toBe(201);
      const { status, body } = await chain.ask("GET", pathOf(content, "second"));
      expect([status, digestOf(body)]).toEqual([200, digestOf(content)]);
      expect(chain.s3.blobRequests).toEqual([]);
    });

    it("of a blob that was deleted are not found from then on, through either registry", async () => {
      const content = await cached(1000);
      expect((await chain.ask("DELETE", pathOf(content))).status).toBe(202);
      const answers = [await chain.ask("GET", pathOf(content)), await chain.ask("GET", pathOf(content))];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    });

    it("of a manifest by tag are never from the cache", async () => {
      const path = "/v2/app/manifests/latest";
      for (let i = 1; i <= 3; i++) {
        const config = await pushed(100);
        const manifest = manifestOf(config);
        await chain.ask("PUT", path, { body: manifest, headers: { "content-type": manifestType } });
        for (let j = 1; j <= 3; j++) {
          const answer = await chain.ask("GET", path, { headers: { accept: manifestType } });
          expect(answer.body.toString()).toBe(manifest.toString());
        }
      }
      expect(new Set(await chain.cacheStatuses(path, 9))).toEqual(new Set([""]));
    });

    it("of a part of what the proxy has are from there", async () => {
      const content = await cached(3 * mib);
      const part = await chain.ask("GET", pathOf(content), { headers: { range: "bytes=1000-2000999" } });
      expect([part.status, part.headers["content-range"]]).toEqual([206, `bytes 1000-2000999/${3 * mib}`]);
      expect(part.body.equals(content.subarray(1000, 2_001_000))).toBe(true);
      expect(chain.s3.blobRequests).toEqual([]);
    });

    it("of a part of what the proxy does not have fetch that part only, and never keep it as the whole", async () => {
      const content = await pushed(3 * mib);
      for (let i = 1; i <= 3; i++) {
        const part = await chain.ask("GET", pathOf(content), { headers: { range: "bytes=1000-1999" } });
        expect([part.status, part.headers["content-range"]]).toEqual([206, `bytes 1000-1999/${3 * mib}`]);
        expect(part.body).toEqual(content.subarray(1000, 2000));
      }
      expect(chain.s3.blobRequests.map(({ headers }) => headers.range)).toEqual(Array(3).fill("bytes=1000-1999"));
      await pull(content);
    });

    it("of a part behind the end are refused, cached or not", async () => {
      const range = { headers: { range: "bytes=5000-" } };
      expect((await chain.ask("GET", pathOf(await pushed(1000)), range)).status).toBe(416);
      expect((await chain.ask("GET", pathOf(await cached(1000)), range)).status).toBe(416);
    });

    it("are not made by the question whether there is a blob, which the registry answers", async () => {
      const content = await pushed(2 * mib);
      for (let i = 1; i <= 3; i++) {
        const { status, headers, body } = await chain.ask("HEAD", pathOf(content));
        expect([status, headers["content-length"], body.length]).toEqual([200, String(2 * mib), 0]);
        expect(headers["docker-content-digest"]).toBe(digestOf(content));
      }
      expect(chain.s3.blobRequests).toEqual([]);
      const unknown = await chain.ask("HEAD", pathOf(randomBytes(10)));
      expect(unknown.status).toBe(404);
    });

    it("that S3 breaks off break off, and leave nothing in the cache", async () => {
      const content = await pushed(3 * mib);
      await pull(content);
      chain.s3.cutAfterBytes = mib;
      for (let i = 1; i <= 2; i++) await expect(chain.ask("GET", pathOf(content))).rejects.toThrow("aborted");
      chain.s3.cutAfterBytes = undefined;
      await pull(content, 3);
    });

    it("by many clients at once fetch a new blob twice, not once for each", async () => {
      const content = await pushed(3 * mib);
      await Promise.all(Array.from({ length: 20 }, () => pull(content)));
      expect(chain.s3.blobRequests).toHaveLength(2);
    });

    it("of parts wait for nobody, also while the whole is on its way into the cache", async () => {
      const content = await pushed(mib);
      await pull(content);
      chain.s3.blobRequests.length = 0;
      expect(await underWayAtOnce(content, { range: "bytes=1000-1999" })).toBe(9);
    });

    it("that S3 refuses ask nobody for another password", async () => {
      const content = await pushed(1000);
      chain.s3.refuseWith = 403;
      const { status, headers } = await chain.ask("GET", pathOf(content));
      expect([status, headers["www-authenticate"]]).toEqual([502, undefined]);
    });

    it("are still from the cache after nginx was reloaded, and after it was started anew", async () => {
      const content = await cached(1000);
      await chain.reloadNginx();
      await pull(content);
      await chain.restartNginx();
      await pull(content);
      expect(await chain.cacheStatuses(pathOf(content), 2)).toEqual(["HIT", "HIT"]);
      expect(chain.s3.blobRequests).toEqual([]);
    });
  });

  describe("from an S3 that does not prove who it is", () => {
    it("fail", async () => {
      // Protects the CAs that this machine trusts from the test's replacements, by another spelling of their path.
      const systems = (text: string) => text.replace("/etc/ssl/certs/ca-", "/etc/ssl/certs/../certs/ca-");
      await withChain({ nginxConf: systems }, async () => {
        const content = await pushed(1000);
        expect((await chain.ask("GET", pathOf(content))).status).toBe(502);
        expect(chain.s3.blobRequests).toEqual([]);
      });
    });
  });

  describe("that are under way", () => {
    it("go on when both registries are killed", async () => {
      await withChain({}, async () => {
        const content = await pushed(8 * mib);
        let release = () => {};
        chain.s3.hold = new Promise((resolve) => {
          release = resolve;
        });
        const pulled = pull(content);
        while (chain.s3.blobRequests.length === 0) await sleep(20);
        await chain.killRegistries();
        release();
        await pulled;
      });
    });
  });

  describe("of what is too large to be kept", () => {
    it("wait for nobody", async () => {
      const large = (text: string) => text.replaceAll("[12]?[0-9]{1,8}", "[0-9]{1,5}");
      await withChain({ nginxConf: large }, async () => {
        const content = await pushed(mib);
        await pull(content, 3);
        chain.s3.blobRequests.length = 0;
        expect(await underWayAtOnce(content, {})).toBe(9);
        expect(await chain.cachedBytes()).toBeLessThan(mib);
      });
    });
  });

  describe("with little room", () => {
    it("keep no more than is configured", async () => {
      const smaller = (text: string) => text.replace("max_size=2g", "max_size=4m");
      await withChain({ nginxConf: smaller }, async () => {
        for (let i = 1; i <= 6; i++) await pull(await pushed(mib), 2);
        expect(await chain.cachedBytes()).toBeGreaterThan(5 * mib);
        // nginx checks every ten seconds.
        for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(500)) {
          if ((await chain.cachedBytes()) < 4.5 * mib) return;
        }
        expect.fail(`there are still ${await chain.cachedBytes()} bytes`);
      });
    });

    it("go through a full disk", async () => {
      await withChain({ cacheDiskMib: 2 }, async () => {
        const content = await pushed(5 * mib);
        await pull(content, 4);
      });
    });
  });

  describe("without the cache", () => {
    it("come from S3 each time, wholly or in part", async () => {
      await withChain({ config: ({ proxies }) => ({ proxies: { ...proxies, blobCacheGiB: 0 } }) }, async () => {
        const content = await pushed(2 * mib);
        await pull(content, 3);
        const part = await chain.ask("GET", pathOf(content), { headers: { range: "bytes=-10" } });
        expect([part.status, part.body]).toEqual([206, content.subarray(-10)]);
        expect(chain.s3.blobRequests).toHaveLength(4);
      });
    });

    it("are sent to S3 themselves, each time by a new URL, where redirection is configured", async () => {
      const config: ChainOptions["config"] = ({ storage }) => ({ storage: { ...storage, redirect: true } });
      await withChain({ config }, async () => {
        const content = await pushed(1000);
        for (let i = 1; i <= 3; i++) {
          const { status, headers } = await chain.ask("GET", pathOf(content));
          expect([status, headers.location]).toEqual([307, expect.stringContaining(digestOf(content).slice(7))]);
          expect(headers.location).not.toContain("#");
        }
        expect(await chain.cacheStatuses(pathOf(content), 3)).toEqual(["", "", ""]);
        expect(chain.s3.blobRequests).toEqual([]);
      });
    });
  });

  async function withChain(options: ChainOptions, work: () => Promise<void>): Promise<void> {
    chain = await Chain.start(options);
    try {
      await work();
    } finally {
      await chain.stop();
    }
  }
});

const manifestType = "application/vnd.oci.image.manifest.v1+json";

function manifestOf(config: Buffer): Buffer {
  const mediaType = "application/vnd.oci.image.config.v1+json";
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType, digest: digestOf(config), size: config.length },
      layers: [],
    }),
  );
}
