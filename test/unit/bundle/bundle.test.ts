import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { buildBundle } from "../../../bundle/bundle.ts";
import { contents, exampleTopology, exampleTree, registryImage } from "../templates/example.ts";

const bundle = await buildBundle(exampleTopology(), contents);
const names = namesIn(bundle.archive);

describe("the bundle", () => {
  it("is named by the hash of what nodes download", () => {
    expect(bundle.sha256).toBe(createHash("sha256").update(bundle.archive).digest("hex"));
  });

  it("is the same each time", async () => {
    expect((await buildBundle(exampleTopology(), contents)).sha256).toBe(bundle.sha256);
  });

  it("is another one when a rendered file changes", async () => {
    const { vrrp } = exampleTopology().config;
    const changed = exampleTopology({ vrrp: { ...vrrp, routerId: vrrp.routerId + 1 } });
    expect((await buildBundle(changed, contents)).sha256).not.toBe(bundle.sha256);
  });

  it("is another one when the registry image changes", async () => {
    expect(
      (await buildBundle(exampleTopology(), { ...contents, registryImage: { ...registryImage, imageId: "sha256:c" } }))
        .sha256,
    ).not.toBe(bundle.sha256);
  });

  it("has the rendered files of every node", () => {
    expect(names.filter((name) => name.startsWith("rendered/"))).toEqual(
      Object.keys(exampleTree()).map((path) => `rendered/${path}`),
    );
  });

  it("has the states and what runs them", () => {
    expect(names).toEqual(expect.arrayContaining(["apply", "salt/top.sls", "salt/minion", "salt/requirements.txt"]));
  });

  it("has nothing that does not belong to a node", () => {
    expect(
      names.filter((name) => !/^(apply$|rendered\/|salt\/)/.test(name) || /__pycache__|\.pyc$/.test(name)),
    ).toEqual([]);
  });

  it("comes with the script that user data fetches, the same as the one that states keep up to date", () => {
    expect(bundle.convergeScript).toMatch(/^#!\/bin\/bash\n/);
    expect(bundle.archive.includes(bundle.convergeScript)).toBe(true);
  });
});

describe("the pointer", () => {
  it("begins with what nodes read, a line each", () => {
    const [bundleLine, hashLine] = bundle.pointerText.split("\n");
    expect(bundleLine).toBe(`bundle: ${parse(bundle.pointerText).bundle}`);
    expect(hashLine).toBe(`sha256: ${bundle.sha256}`);
    expect(bundleLine).toContain(bundle.sha256);
  });

  it("shows every rendered file, once for all nodes that share it", () => {
    const files: { path: string; nodes: string[]; text: string }[] = parse(bundle.pointerText).files;
    const shown = files.flatMap(({ path, nodes, text }) => nodes.map((node) => [node + path, text]));
    expect(Object.fromEntries(shown)).toEqual(exampleTree());
    expect(files.filter(({ path }) => path === "/etc/sudoers.d/60-registry-cluster")).toHaveLength(1);
    expect(files.filter(({ path }) => path === "/etc/nginx/nginx.conf")).toHaveLength(2);
  });

  it("shows texts line by line, so that a diff of the plan can be read", () => {
    expect(bundle.pointerText).toMatch(/^ +listen 10\.80\.0\.5:8443 ssl proxy_protocol reuseport\b/m);
    expect(bundle.pointerText).not.toContain("\\n\\n");
  });
});

/** Names of the files in a tar, read off its headers. */
function namesIn(archive: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; archive[at] !== 0; ) {
    const field = (start: number, length: number) =>
      archive
        .subarray(at + start, at + start + length)
        .toString()
        .replace(/\0.*/s, "");
    found.push([field(345, 155), field(0, 100)].filter(Boolean).join("/"));
    at += 512 + Math.ceil(Number.parseInt(field(124, 12), 8) / 512) * 512;
  }
  return found;
}
