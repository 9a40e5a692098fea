import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf, pathOf, push } from "./chain/blobs.ts";
import { type Answer, Chain } from "./chain/chain.ts";
import { buildPrograms } from "./chain/programs.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("a blob that is asked for in any form, through the proxies,", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
});

type Headers = Record<string, string>;

const size = 100_000;
const content = randomBytes(size);
const etag = `"${digestOf(content)}"`;
const other = `"${digestOf(Buffer.from("another"))}"`;
const yesterday = new Date(Date.now() - 86_400_000).toUTCString();
const tomorrow = new Date(Date.now() + 86_400_000).toUTCString();

const ranges = [
  ...[
    "bytes=0-9",
    "bytes=0-0",
    "bytes=10-",
    "bytes=0-",
    "bytes=-10",
    "bytes=-1",
    `bytes=-${size}`,
    `bytes=-${size + 1}`,
  ],
  ...[
    `bytes=${size - 1}-`,
    `bytes=${size}-`,
    `bytes=${size + 5}-${size + 9}`,
    `bytes=0-${size - 1}`,
    `bytes=0-${size}`,
  ],
  ...["bytes=90000-999999999", "bytes=0-99999999999999999999999", "bytes=99999999999999999999-", "bytes=007-0012"],
  ...[
    "bytes=-0",
    "bytes=-00",
    "bytes=5-2",
    "bytes=abc",
    "bytes=",
    "bytes",
    "bytes=-",
    "bytes=--5",
    "bytes=1-2-3",
    "bytes=a-b",
  ],
  ...[
    "bytes=0x1-0x5",
    "bytes=+1-5",
    "bytes=1.5-3",
    "bytes= 0-9",
    "bytes=0 - 9",
    "bytes = 0-9",
    "bytes=0-9 ",
    "Bytes=0-9",
    "BYTES=0-9",
  ],
  ...["items=0-9", "none", "0-9", "bytes=0-9,", "bytes=,0-9", "bytes=,", "bytes=0-9,,20-29"],
  ...[
    "bytes=0-9,20-29",
    "bytes=0-9, -10",
    "bytes=0-9,5-15",
    "bytes=20-29,0-9",
    "bytes=0-9,999999-",
    "bytes=999999-,888888-",
  ],
  ...["bytes=0-9,abc", "bytes=0-99999,0-99999", "bytes=0-,0-,0-", "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9"],
];

const conditions = [
  {},
  ...ranges.map((range) => ({ range })),
  ...[
    etag,
    other,
    `W/${etag}`,
    "*",
    `${other}, ${etag}`,
    `${other},W/${etag}`,
    digestOf(content),
    '""',
    "",
    `"x`,
    `,${etag}`,
  ].flatMap((value) => [
    { "if-none-match": value },
    { "if-match": value },
    { "if-none-match": value, range: "bytes=0-9" },
    { "if-range": value, range: "bytes=0-9" },
    { "if-range": value },
  ]),
  ...[yesterday, tomorrow, "never"].flatMap((value) => [
    { "if-modified-since": value },
    { "if-unmodified-since": value },
    { "if-range": value, range: "bytes=0-9" },
  ]),
  { "if-none-match": other, "if-modified-since": tomorrow },
  { "if-match": etag, "if-none-match": etag },
  { "if-match": etag, range: "bytes=0-9,20-29" },
  { "if-range": etag, range: `bytes=${size}-` },
  { "accept-encoding": "gzip" },
  { accept: "text/html" },
] as Headers[];

/** Headers that must be the same. Date, server name and request id differ. */
const compared = [
  ...["content-length", "content-range", "content-type", "etag", "accept-ranges", "cache-control", "last-modified"],
  ...[
    "docker-content-digest",
    "docker-distribution-api-version",
    "x-content-type-options",
    "www-authenticate",
    "location",
  ],
];

describe.skipIf(skip)(title, () => {
  beforeAll(buildPrograms, 900_000);

  describe.each(["cold", "warm", "off"] as const)("with a cache that is %s", (cache) => {
    let chain: Chain;
    beforeAll(async () => {
      const off: Parameters<typeof Chain.start>[0] = {
        config: ({ proxies }) => ({ proxies: { ...proxies, blobCacheGiB: 0 } }),
      };
      // So that the cache stays cold however often a blob is asked for.
      const cold = {
        nginxConf: (text: string) => text.replaceAll("proxy_cache_min_uses 2", "proxy_cache_min_uses 100000"),
      };
      chain = await Chain.start({ ...(cache === "off" ? off : {}), ...(cache === "cold" ? cold : {}), bare: true });
      await push(chain, content);
      await push(chain, Buffer.alloc(0));
      for (let i = 1; i <= 4; i++) for (const blob of [content, Buffer.alloc(0)]) await chain.ask("GET", pathOf(blob));
    }, 60_000);
    afterAll(() => chain?.stop(), 60_000);

    it.each(["GET", "HEAD"])(
      "%s is answered as a registry does that has no proxy",
      async (method) => {
        const differences: unknown[] = [];
        for (const blob of [content, Buffer.alloc(0)]) {
          for (const headers of conditions) {
            const [got, expected] = await Promise.all([
              chain.ask(method, pathOf(blob), { headers }).then(whatMatters, String),
              chain.askBare(method, pathOf(blob), { headers }).then(whatMatters, String),
            ]);
            if (JSON.stringify(got) !== JSON.stringify(expected))
              differences.push({ size: blob.length, headers, got, expected });
          }
        }
        expect(differences).toEqual([]);
      },
      120_000,
    );

    it("is from where it should be: the plain ones do not go through the registry", async () => {
      chain.s3.blobRequests.length = 0;
      for (const headers of [{ range: "bytes=0-9" }, {}] as Headers[])
        await chain.ask("GET", pathOf(content), { headers });
      expect(chain.s3.blobRequests.length).toBe(cache === "warm" ? 0 : 2);
    });
  });
});

function whatMatters({ status, headers, body }: Answer) {
  const boundary = /boundary=(\S+)/.exec(headers["content-type"] ?? "")?.[1];
  const hidden = (text: string) => (boundary ? text.replaceAll(boundary, "BOUNDARY") : text);
  const shown = compared.flatMap((name) =>
    headers[name] === undefined ? [] : [[name, hidden(String(headers[name]))]],
  );
  const bytes = hidden(body.toString("latin1"));
  return { status, ...Object.fromEntries(shown), body: bytes.length > 200 ? digestOf(Buffer.from(bytes)) : bytes };
}
