import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pathOf, push } from "./chain/blobs.ts";
import { Chain } from "./chain/chain.ts";
import { buildPrograms } from "./chain/programs.ts";
import type { S3Front } from "./chain/s3-front.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("the logs of proxies and registries", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
});

/** Secrets that give access: the parts of a signed URL, and a client's password. */
const secret = /X-Amz-(Signature|Security-Token|Credential)|authorization: *(basic|bearer)|Y2k6Y29ycmVjdA/i;

describe.skipIf(skip)(title, () => {
  let chain: Chain;
  const leaks = () =>
    chain
      .logs()
      .split("\n")
      .filter((line) => secret.test(line));
  beforeAll(buildPrograms, 900_000);

  describe("while S3 misbehaves", () => {
    beforeAll(async () => {
      const impatient = (text: string) => text.replaceAll("proxy_read_timeout 60s", "proxy_read_timeout 1s");
      chain = await Chain.start({ nginxConf: impatient });
    }, 60_000);
    afterAll(() => chain?.stop());
    afterEach(() => Object.assign(chain.s3, wellBehaved));

    const wellBehaved = {
      hangsUp: false,
      refuseWith: undefined,
      headers: undefined,
      hold: undefined,
      cutAfterBytes: undefined,
    };
    const faults: [string, Partial<S3Front>][] = [
      ["hangs up", { hangsUp: true }],
      ["refuses", { refuseWith: 403 }],
      ["fails", { refuseWith: 503 }],
      ["sends what is no HTTP", { refuseWith: 200, headers: { "content-length": "1" } }],
      ["breaks off", { cutAfterBytes: 100_000 }],
      ["falls silent", { hold: new Promise(() => {}) }],
    ];

    it.each(faults)("hold no signed URL and no password when it %s", async (_what, fault) => {
      const content = await push(chain, 1_000_000);
      Object.assign(chain.s3, fault);
      await chain.ask("GET", pathOf(content)).catch(() => "broken off");
      await chain.ask("GET", pathOf(content), { headers: { range: "bytes=10-" } }).catch(() => "broken off");
      expect(chain.s3.blobRequests.length).toBeGreaterThan(0);
      expect(leaks()).toEqual([]);
    });

    it("hold no login that is wrong, or that comes with a request that cannot be read", async () => {
      const login = `Basic ${Buffer.from("ci:correct").toString("base64")}`;
      await chain.ask("GET", "/v2/", { password: "", headers: { authorization: `${login}x` } });
      await chain
        .ask("GET", "/v2/", { headers: { authorization: login, "x-long": "a".repeat(40_000) } })
        .catch(() => {});
      await chain.ask("GET", "/v2/%zz", { headers: { authorization: login } });
      expect(leaks()).toEqual([]);
    });
  });

  it("hold no signed URL when S3 is not there, and say where nothing answered", async () => {
    const content = randomBytes(10);
    const digest = pathOf(content).split("/").at(-1) as string;
    let location = "";
    chain = await Chain.start({ registry: (_, response) => response.writeHead(307, { location }).end() });
    try {
      location = chain.signedUrl(digest);
      await chain.s3.stop();
      expect(await chain.ask("GET", pathOf(content))).toMatchObject({ status: 502 });
      expect(await chain.ask("GET", pathOf(content), { headers: { range: "bytes=0-1" } })).toMatchObject({
        status: 502,
      });
      expect(leaks()).toEqual([]);
      expect(chain.logs()).toMatch(
        new RegExp(`"upstream":"[^"]*127.0.0.1:${chain.s3.port}","upstream_status":"[^"]*502"`),
      );
    } finally {
      await chain.stop();
    }
  });
});
