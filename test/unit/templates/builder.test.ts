import { describe, expect, it } from "vitest";
import { buildsText, exampleTree, fileOf } from "./example.ts";

const tree = exampleTree(({ builder }) => ({ builder: { ...builder, enabled: true } }));
const unit = (name: string) => fileOf(tree, "builder", `/etc/systemd/system/${name}`);
const watch = unit("image-watch.service");
const build = unit("image-build@.service");

describe("the builder's node", () => {
  it("makes what the file says, word for word", () => {
    expect(fileOf(tree, "builder", "/etc/image-watch/builds.yml")).toContain(buildsText);
  });

  it("finds the registry at every proxy", () => {
    expect(fileOf(tree, "builder", "/etc/image-watch/builder.yml")).toMatch(
      /domainName: registry\.example\.internal\naddresses: \[10\.80\.0\.5, 10\.80\.16\.5\]/,
    );
  });

  it("watches as a user who may become no other, and writes to its own folder only", () => {
    expect(watch).toMatch(/^User=image-watch$/m);
    expect(watch).toMatch(/^NoNewPrivileges=yes$/m);
    expect(watch).toMatch(/^ProtectSystem=strict\nReadWritePaths=\/var\/lib\/image-watch$/m);
  });

  it("builds as another user in each slot, out of reach of the logins", () => {
    expect(build).toMatch(/^User=image-build-%i$/m);
    expect(build).toMatch(/^InaccessiblePaths=-\/var\/lib\/image-watch -\/etc\/image-watch\/config\.json /m);
  });

  it("lets only the watch begin a build", () => {
    expect(unit("image-build@.socket")).toMatch(/^SocketUser=image-watch\nSocketGroup=image-watch\nSocketMode=0600$/m);
  });

  it("lets no build reach what listens on the node itself", () => {
    const rules = fileOf(tree, "builder", "/etc/nftables.conf");
    expect(rules).toContain('meta skuid { "image-build-1", "image-build-2" } jump builds');
    expect(rules).toContain("ip daddr { 127.0.0.0/8, 10.80.143.252 } drop");
  });

  it("kills what a build has started when it ends, and deletes its files", () => {
    expect(build).toMatch(/^KillSignal=SIGKILL\nPrivateTmp=yes$/m);
  });

  it("has as many slots as builds may run at once", () => {
    expect(fileOf(tree, "builder", "/etc/image-watch/builder.yml")).toMatch(/^slots: 2$/m);
  });

  it("starts the watch again whatever ends it", () => {
    expect(watch).toMatch(/^Restart=always$/m);
    expect(watch).toMatch(/^StartLimitIntervalSec=0$/m);
  });

  it("is not there unless the config wants it", () => {
    expect(Object.keys(exampleTree()).filter((path) => path.startsWith("builder"))).toEqual([]);
  });
});
