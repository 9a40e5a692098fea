import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { push } from "./chain/blobs.ts";
import { Chain } from "./chain/chain.ts";
import { buildPrograms } from "./chain/programs.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("lists, through the proxies,", {
  haproxy: "haproxy",
  nginx: "nginx",
  openssl: "openssl",
});

/** As S3 orders keys, `v1-rc/` is before `v1/`, and `a/0/_manifests/` before `a/_manifests/`. */
const awkwardTags = [
  "v1",
  "v1-rc",
  "v1.0",
  "v1_0",
  "v10",
  "V1",
  "v1-",
  "v1--a",
  "v1.0-rc",
  "_x",
  "0",
  "1.0.0",
  "latest",
  "a.b-c_d",
];
const awkwardRepositories = [
  ...["a", "a-b", "a.b", "a/b", "a/0", "a0", "a_b", "ab", "a/b-c", "a/b/c", "a/b.c", "a-b/c", "0", "0/0", "z/y/x/w"],
  ...["team/app", "team/app-extra", "team/app/sub", "team/app.x", "team-2/app", "team__x/a"],
];
const manyTags = Array.from({ length: 551 }, (_, i) => [`v${i}`, `v${i}-rc`]).flat();

describe.skipIf(skip)(title, () => {
  let chain: Chain;
  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    chain = await Chain.start();
    for (const repository of awkwardRepositories) tag(repository, "latest");
    for (const name of awkwardTags) tag("awkward", name);
    for (const name of manyTags) tag("many", name);
  }, 60_000);
  afterAll(() => chain?.stop(), 60_000);

  const tagsOf = { awkward: awkwardTags, many: manyTags };
  const allRepositories = [...awkwardRepositories, ...Object.keys(tagsOf)];

  /** Makes a tag as a registry does. */
  function tag(repository: string, name: string): void {
    const digest = `sha256:${"a".repeat(64)}`;
    const folder = `repositories/${repository}/_manifests`;
    chain.store(`${folder}/tags/${name}/current/link`, digest);
    chain.store(`${folder}/tags/${name}/index/sha256/${digest.slice(7)}/link`, digest);
    chain.store(`${folder}/revisions/sha256/${digest.slice(7)}/link`, digest);
  }

  async function page(path: string) {
    const { status, headers, body } = await chain.ask("GET", path);
    const { tags, repositories, errors } = JSON.parse(body.toString());
    return { status, names: (tags ?? repositories) as string[], errors, link: headers.link as string | undefined };
  }

  /** All names on this and the linked pages, and the number of pages. */
  async function followed(path: string) {
    const pages: string[][] = [];
    for (let next: string | undefined = path; next; ) {
      const { status, names, link } = await page(next);
      expect(status).toBe(200);
      pages.push(names);
      next = link && (/^<([^>]+)>; rel="next"$/.exec(link)?.[1] as string);
    }
    return { names: pages.flat(), sizes: pages.map(({ length }) => length) };
  }

  const lists: [string, string, string[]][] = [
    ["tags", "/v2/awkward/tags/list", [...awkwardTags].sort()],
    ["repositories", "/v2/_catalog", [...allRepositories].sort()],
  ];

  describe.each(lists)("of %s", (_what, path, names) => {
    it("have every name once, in order, whatever a page holds", async () => {
      expect((await followed(path)).names).toEqual(names);
      for (let n = 1; n <= names.length + 1; n++) {
        const { names: found, sizes } = await followed(`${path}?n=${n}`);
        expect(found).toEqual(names);
        expect(sizes).toEqual(
          Array.from({ length: Math.ceil(names.length / n) }, (_, i) => Math.min(n, names.length - i * n)),
        );
      }
    }, 60_000);

    it("go on after any name, also one that is not there", async () => {
      for (const last of [...names, "", "!", "a/", "a/a", "m", "v1!", "v1-rb", "~", "../..", "a b", "ä", "%2F"]) {
        for (const n of [1, 3]) {
          const after = names.filter((name) => name > last);
          const { names: found, link } = await page(`${path}?n=${n}&last=${encodeURIComponent(last)}`);
          expect([last, found, link !== undefined]).toEqual([last, after.slice(0, n), after.length > n]);
        }
      }
    }, 60_000);

    it("are the longest page with a link to the next one for a number beyond it, and refuse what is no number", async () => {
      for (const n of ["1001", "5000", "99999999999", "0001001"])
        expect((await page(`${path}?n=${n}`)).names).toEqual(names);
      expect((await page(`${path}?last=${names[0]}&n=100000`)).names).toEqual(names.slice(1));
      for (const n of ["-1", "abc", "1.5", "0x10"]) {
        const { status, errors } = await page(`${path}?n=${n}`);
        expect([n, status, errors?.[0].code]).toEqual([n, 400, "PAGINATION_NUMBER_INVALID"]);
      }
      expect(await page(`${path}?n=0`)).toMatchObject({ status: 200, names: [], link: undefined });
    });
  });

  it.each([undefined, 37, 100, 1000, 10_000])(
    "of 1,102 tags are whole with n = %s",
    async (n) => {
      const { names, sizes } = await followed(`/v2/many/tags/list${n ? `?n=${n}` : ""}`);
      expect(names).toEqual([...manyTags].sort());
      expect(Math.max(...sizes)).toBe(Math.min(n ?? manyTags.length, n ? 1000 : manyTags.length));
    },
    120_000,
  );

  it.each(["", "?n=1", "?n=10&last=a", "?last=a"])("of the tags of no repository say so: %s", async (query) => {
    for (const repository of ["unknown", "awkwar", "awkward/v1", "team"]) {
      const { status, errors } = await page(`/v2/${repository}/tags/list${query}`);
      expect([status, errors[0].code]).toEqual([404, "NAME_UNKNOWN"]);
    }
  });

  it("of a repository whose tags were all deleted are empty", async () => {
    const type = "application/vnd.oci.image.index.v1+json";
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [] }));
    await push(chain, 10, "emptied");
    await chain.ask("PUT", "/v2/emptied/manifests/only", { body: index, headers: { "content-type": type } });
    expect((await page("/v2/emptied/tags/list")).names).toEqual(["only"]);
    expect(await chain.ask("DELETE", "/v2/emptied/manifests/only")).toMatchObject({ status: 202 });
    expect(await page("/v2/emptied/tags/list?n=5")).toMatchObject({ status: 200, names: [] });
  });

  it("ask for a login", async () => {
    for (const path of ["/v2/awkward/tags/list?n=1", "/v2/_catalog?n=5000"])
      expect(await chain.ask("GET", path, { password: "" })).toMatchObject({ status: 401 });
  });
});
