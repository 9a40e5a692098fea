import { describe, expect, it } from "vitest";
import { builds, exampleTree, fileOf } from "./example.ts";

const tree = exampleTree(({ builder }) => ({ builder: { ...builder, enabled: true } }));
const unit = fileOf(tree, "builder", "/etc/systemd/system/image-watch.service");

describe("the builder's node", () => {
  it("makes what the file says, word for word", () => {
    expect(fileOf(tree, "builder", "/etc/image-watch/builds.yml")).toContain(builds);
  });

  it("finds the registry at every proxy", () => {
    expect(fileOf(tree, "builder", "/etc/image-watch/proxies.yml")).toMatch(
      /domainName: registry\.example\.internal\naddresses: \[10\.80\.0\.5, 10\.80\.16\.5\]/,
    );
  });

  it("builds as a user of its own, who writes to its own folder only", () => {
    expect(unit).toMatch(/^User=builder$/m);
    expect(unit).toMatch(/^ProtectSystem=strict\nReadWritePaths=\/var\/lib\/builder$/m);
  });

  it("starts the watch again whatever ends it", () => {
    expect(unit).toMatch(/^Restart=always$/m);
    expect(unit).toMatch(/^StartLimitIntervalSec=0$/m);
  });

  it.each(
    Object.entries(tree).filter(
      ([path]) => path.startsWith("builder/etc/image-watch") || path.endsWith("image-watch.service"),
    ),
  )("has %s as reviewed", async (path, text) => {
    await expect(text).toMatchFileSnapshot(`builder-tree/${path.replace("builder/", "")}.snap`);
  });

  it("is not there unless the config wants it", () => {
    expect(Object.keys(exampleTree()).filter((path) => path.startsWith("builder"))).toEqual([]);
  });
});
