import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { FolderDebian } from "./debian.ts";

const suite = suiteWith("a node's upgrade", { "apt-get": "apt", "dpkg-deb": "dpkg" });

describe.skipIf(suite.skip)(suite.title, () => {
  let debian: FolderDebian;
  const daemon = (version: string, fields = {}) => ({
    ...{ name: "daemon", version, fields },
    files: { "/etc/daemon.conf": `default of ${version}\n`, "/usr/bin/daemon": version },
  });

  beforeEach(async () => {
    debian = new FolderDebian();
    await debian.offer(daemon("1"));
    await debian.install("daemon");
  });

  it("installs newer packages, and what they newly need", async () => {
    await debian.offer(daemon("2", { Depends: "library" }), { name: "library", version: "1" });
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(await debian.installed()).toEqual({ daemon: "2", library: "1" });
    expect(debian.reportOf("proxy-1")).toMatchObject({ node: "proxy-1", result: "good" });
  });

  it("keeps a config file that was changed, and asks nothing", async () => {
    write(join(debian.root, "etc/daemon.conf"), "ours\n");
    await debian.offer(daemon("2"));
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(readFileSync(join(debian.root, "etc/daemon.conf"), "utf8")).toBe("ours\n");
    expect(await debian.installed()).toEqual({ daemon: "2" });
  });

  it("removes no package, even if another one can then not be upgraded", async () => {
    await debian.offer({ name: "helper", version: "1" });
    await debian.install("helper");
    await debian.offer(daemon("2", { Conflicts: "helper" }));
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(await debian.installed()).toEqual({ daemon: "1", helper: "1" });
  });

  it("removes all but the newest two kernels, and nothing else that is not needed any more", async () => {
    const kernels = [1, 2, 3].map((abi) => ({ name: `linux-image-6.1.0-${abi}-amd64`, version: `6.1.${abi}` }));
    const leftOver = [...kernels, { name: "library", version: "1" }];
    await debian.offer(...leftOver);
    await debian.leave(...leftOver.map(({ name }) => name));
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(Object.keys(await debian.installed()).sort()).toEqual([
      "daemon",
      "library",
      "linux-image-6.1.0-2-amd64",
      "linux-image-6.1.0-3-amd64",
    ]);
  });

  it("leaves a package alone that is held", async () => {
    await debian.hold("daemon");
    await debian.offer(daemon("2"));
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(await debian.installed()).toEqual({ daemon: "1" });
  });

  it("restarts what still uses replaced files", async () => {
    await debian.upgrade();
    expect(readFileSync(join(debian.folder, "restarts"), "utf8")).toContain("-r a\n");
  });

  it("is not begun on a node that does not serve", async () => {
    debian.program("registry-cluster-check", "echo 'nginx is failed, must be active' >&2; exit 1");
    await debian.offer(daemon("2"));
    const { code, output } = await debian.upgrade();
    expect(code).toBe(1);
    expect(output).toContain(
      "nginx is failed, must be active\nupgrade: this node does not serve, so nothing was upgraded",
    );
    expect(await debian.installed()).toEqual({ daemon: "1" });
  });

  it("fails if the node does not serve afterwards", async () => {
    debian.program("registry-cluster-check", `test "$(cat ${debian.root}/usr/bin/daemon)" = 1`);
    await debian.offer(daemon("2"));
    const { code, output } = await debian.upgrade();
    expect(code).toBe(1);
    expect(output).toContain("upgrade: this node does not serve since it was upgraded");
    expect(debian.reportOf("proxy-1")).toMatchObject({ result: "failed" });
  });

  it.each(["failed", "upgrading"])("is not begun while that of another node is %s", async (result) => {
    debian.writeReport("proxy-2", result);
    await debian.offer(daemon("2"));
    const { code, output } = await debian.upgrade();
    expect(code).toBe(1);
    expect(output).toContain("the last upgrade has not ended well on: proxy-2. Mend it");
    expect(await debian.installed()).toEqual({ daemon: "1" });

    debian.writeReport("proxy-2", "good");
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(await debian.installed()).toEqual({ daemon: "2" });
  });

  it("is not held up by a node that has been removed, nor by its own failure before", async () => {
    for (const node of ["proxy-1", "proxy-9"]) debian.writeReport(node, "failed");
    await debian.offer(daemon("2"));
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(await debian.installed()).toEqual({ daemon: "2" });
  });

  it("is not begun if the node cannot learn how the others are", async () => {
    debian.losesTheBucket();
    await debian.offer(daemon("2"));
    const { code, output } = await debian.upgrade();
    expect(code).toBe(1);
    expect(output).toContain("upgrade: cannot learn how the other nodes are");
    expect(await debian.installed()).toEqual({ daemon: "1" });
  });

  it("fails if the archive cannot be read", async () => {
    write(join(debian.root, "etc/apt/sources.list"), "deb [trusted=yes] file:/no/such/archive ./\n");
    const { code, output } = await debian.upgrade();
    expect(code).toBe(1);
    expect(output).toContain("upgrade: cannot fetch the lists of packages");
  });

  it("says that a new kernel waits for a reboot, until it runs", async () => {
    const notice = join(debian.folder, "run", "reboot-needed");
    const kernelState = (state: number) => debian.program("needrestart", `echo "NEEDRESTART-KSTA: ${state}"`);
    kernelState(3);
    expect((await debian.upgrade()).output).toContain(readFileSync(notice, "utf8"));
    kernelState(1);
    expect(await debian.upgrade()).toMatchObject({ code: 0 });
    expect(existsSync(notice)).toBe(false);
  });
});
