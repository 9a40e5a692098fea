import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { Duration } from "../../config/duration.ts";
import { renderUserData } from "../../templates/user-data.ts";
import { exampleTopology, exampleTree, fileOf } from "../unit/templates/example.ts";
import { temporaryFolder, write } from "./files.ts";
import { findProgram, suiteWith } from "./program.ts";

const tree = exampleTree();
const withNat = (egress: "bastion" | "none") => exampleTree(({ network }) => ({ network: { ...network, egress } }));

/** @returns the exit code and all that the program printed. */
async function run(program: string, ...args: string[]): Promise<{ code: number | undefined; output: string }> {
  const { exitCode, all } = await execa(findProgram(program) ?? program, args, { reject: false, all: true });
  return { code: exitCode, output: all };
}

const nginx = suiteWith("nginx", { nginx: "nginx", openssl: "openssl" });
describe.skipIf(nginx.skip)(nginx.title, () => {
  /** Checks a config with nginx, after changing its paths, its address to one of this machine, and its ports to unprivileged ones. */
  async function check(node: string, change = (text: string) => text) {
    const folder = temporaryFolder();
    const pem = join(folder, "server.pem");
    const request = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=registry.example.internal"];
    await run("openssl", "req", ...request, "-keyout", pem, "-out", join(folder, "certificate.pem"));
    await execa("sh", ["-c", `cat ${folder}/certificate.pem >> ${pem}`]);
    const text = change(fileOf(tree, node, "/etc/nginx/nginx.conf"))
      .replaceAll("/etc/nginx/tls/server.pem", pem)
      .replaceAll("/etc/ssl/certs/ca-certificates.crt", pem)
      .replaceAll("/var/log/nginx", folder)
      .replaceAll("/var/cache/nginx-blobs", join(folder, "blobs"))
      .replace("/run/nginx.pid", join(folder, "pid"))
      .replace(/listen 10\.[\d.]+:/g, "listen 127.0.0.1:");
    return run("nginx", "-t", "-c", write(join(folder, "nginx.conf"), text));
  }

  it.each(["proxy-1", "proxy-2"])("accepts the config of %s", async (node) => {
    const { code, output } = await check(node);
    expect(output).not.toContain("[warn] conflicting");
    expect(code, output).toBe(0);
  });

  it("refuses a config with a fault, so the check means something", async () => {
    expect(await check("proxy-1", (text) => text.replace("server_tokens off;", "server_tokens maybe;"))).toMatchObject({
      code: 1,
    });
  });
});

const haproxy = suiteWith("haproxy", { haproxy: "haproxy" });
describe.skipIf(haproxy.skip)(haproxy.title, () => {
  const check = (node: string, change = (text: string) => text) =>
    run("haproxy", "-c", "-f", write(join(temporaryFolder(), "haproxy.cfg"), change(configOf(node))));
  /** Without another user, and with as many connections as any machine allows. */
  const configOf = (node: string) =>
    fileOf(tree, node, "/etc/haproxy/haproxy.cfg")
      .replace(/^ {2}(user|group) .*\n/gm, "")
      .replace(/maxconn \d+/, "maxconn 100");

  it.each(["proxy-1", "proxy-2"])("accepts the config of %s, and warns of nothing", async (node) => {
    const { code, output } = await check(node);
    expect(code, output).toBe(0);
    expect(output).not.toContain("[WARNING]");
  });

  it("refuses a config with a fault, so the check means something", async () => {
    expect(await check("proxy-1", (text) => text.replace("option redispatch", "option redispach"))).toMatchObject({
      code: 1,
    });
  });
});

const keepalived = suiteWith("keepalived", { keepalived: "keepalived" });
describe.skipIf(keepalived.skip)(keepalived.title, () => {
  /** Checks a config with an interface and a user that this machine has. */
  async function check(node: string, change = (text: string) => text) {
    const folder = temporaryFolder();
    const [card] = Object.keys(networkInterfaces()).filter((name) => name !== "lo");
    const interfaceFile = write(join(folder, "interface.conf"), `$INTERFACE=${card}\n`);
    const text = change(fileOf(tree, node, "/etc/keepalived/keepalived.conf"))
      .replace("/etc/keepalived/interface.conf", interfaceFile)
      .replace("eip-keeper eip-keeper", "root root");
    return run("keepalived", "--config-test", "--use-file", write(join(folder, "keepalived.conf"), text));
  }

  it.each(["proxy-1", "proxy-2"])("accepts the config of %s without a remark", async (node) => {
    expect(await check(node)).toEqual({ code: 0, output: "" });
  });

  it("knows each setting: one that it does not know is refused", async () => {
    const { code, output } = await check("proxy-1", (text) => text.replace("down_timer_adverts", "down_after_adverts"));
    expect(output).toContain("Unknown keyword 'down_after_adverts'");
    expect(code).not.toBe(0);
  });
});

const sshd = suiteWith("sshd", { sshd: "openssh-server", "ssh-keygen": "openssh-client" });
describe.skipIf(sshd.skip)(sshd.title, () => {
  async function check(text: string) {
    const folder = temporaryFolder();
    const key = join(folder, "key");
    // sshd needs this folder if it runs as root; normally its service creates it.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
    return run("sshd", "-t", "-h", key, "-f", write(join(folder, "sshd.conf"), text));
  }

  it.each(["bastion", "registry-1", "proxy-1"])("accepts the settings of %s without a remark", async (node) => {
    expect(await check(fileOf(tree, node, "/etc/ssh/sshd_config.d/60-registry-cluster.conf"))).toEqual({
      code: 0,
      output: "",
    });
  });

  it("refuses a setting that it does not know", async () => {
    expect((await check("AllowTelnet yes\n")).code).not.toBe(0);
  });
});

const visudo = suiteWith("visudo", { visudo: "sudo" });
describe.skipIf(visudo.skip)(visudo.title, () => {
  const check = (text: string) => run("visudo", "-c", "-f", write(join(temporaryFolder(), "sudoers"), text, 0o440));

  it("accepts the rules", async () => {
    expect(await check(fileOf(tree, "proxy-1", "/etc/sudoers.d/60-registry-cluster"))).toMatchObject({ code: 0 });
  });

  it("refuses rules that would lock everybody out", async () => {
    expect((await check("admin ALL=(ALL:ALL NOPASSWD: ALL\n")).code).not.toBe(0);
  });
});

const nft = suiteWith("nft", { nft: "nftables", unshare: "util-linux" });
describe.skipIf(nft.skip)(nft.title, () => {
  /** In a separate network namespace, so that it needs no privileges and does not change this machine's rules. */
  const load = (text: string, show = "true") =>
    run(
      "unshare",
      "--map-root-user",
      "--net",
      "sh",
      "-ec",
      `"$1" -f "$2" && "$1" -f "$2" && ${show}`,
      "sh",
      findProgram("nft") ?? "nft",
      write(join(temporaryFolder(), "rules"), text),
    );

  it.each(["bastion", "registry-1", "proxy-1"])("loads the rules of %s", async (node) => {
    // This machine may not have the keeper's user.
    const { code, output } = await load(fileOf(tree, node, "/etc/nftables.conf").replace("eip-keeper", "nobody"));
    expect(code, output).toBe(0);
  });

  it("loads the bastion's rules, and loads them again in place of themselves", async () => {
    const { code, output } = await load(
      fileOf(withNat("bastion"), "bastion", "/etc/nftables.conf"),
      '"$1" list ruleset',
    );
    expect(code, output).toBe(0);
    expect(output.match(/masquerade/g)).toHaveLength(1);
    expect(output).toContain("policy drop");
  });

  it("loads the rules of a bastion that is no way out", async () => {
    const { code, output } = await load(fileOf(withNat("none"), "bastion", "/etc/nftables.conf"), '"$1" list ruleset');
    expect(code, output).toBe(0);
    expect(output).not.toContain("masquerade");
  });

  it("refuses rules with a fault", async () => {
    expect((await load("table ip x { chain y { type nat hook never; } }\n")).code).not.toBe(0);
  });
});

const logrotate = suiteWith("logrotate", { logrotate: "logrotate" });
describe.skipIf(logrotate.skip)(logrotate.title, () => {
  it("accepts the rules", async () => {
    const file = write(join(temporaryFolder(), "rules"), fileOf(tree, "proxy-1", "/etc/logrotate.d/registry-cluster"));
    const { code, output } = await run("logrotate", "--debug", file);
    expect(output).not.toMatch(/^error/m);
    expect(code, output).toBe(0);
  });
});

const systemd = suiteWith("systemd", { "systemd-analyze": "systemd" });
describe.skipIf(systemd.skip)(systemd.title, () => {
  const unitFolder = "/etc/systemd/system/";
  const units = Object.keys(tree).filter((path) => path.includes(unitFolder) && !path.includes(".d/"));

  /** Programs of a node that this machine may not have. */
  const isMissingProgram = (line: string) => /is not executable: No such file or directory$/.test(line);

  async function verify(unit: string, files: Record<string, string>) {
    const folder = temporaryFolder();
    for (const [path, text] of Object.entries(files)) write(join(folder, path), text);
    const { all } = await execa("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", unit], {
      env: { SYSTEMD_UNIT_PATH: `${folder}:` },
      reject: false,
      all: true,
    });
    // Ignores messages about other units of this machine.
    return all
      .split("\n")
      .filter((line) => line.includes(folder) || line.startsWith(unit))
      .filter((line) => !isMissingProgram(line));
  }

  it.each(units)("has no remark on %s", async (path) => {
    const [node, unit] = path.split(unitFolder) as [string, string];
    const ownUnits = units.filter((other) => other.startsWith(`${node}/`));
    const files = Object.fromEntries(
      ownUnits.map((other) => [other.split(unitFolder)[1], tree[other]] as [string, string]),
    );
    expect(await verify(unit, files)).toEqual([]);
  });

  it.each(["haproxy", "nginx", "keepalived"])("has no remark on what we add to the unit of %s", async (service) => {
    const addition = fileOf(tree, "proxy-1", `${unitFolder}${service}.service.d/60-registry-cluster.conf`);
    const files = {
      [`${service}.service`]: "[Service]\nExecStart=/bin/true\n",
      [`${service}.service.d/60-registry-cluster.conf`]: addition,
    };
    expect(await verify(`${service}.service`, files)).toEqual([]);
  });

  it("has a remark on a key that it does not know", async () => {
    const unit = "[Service]\nExecStart=/bin/true\nRestartSex=1\n";
    expect((await verify("wrong.service", { "wrong.service": unit })).join()).toContain("RestartSex");
  });

  it.each(["5m", "7m", "30m", "2h", "24h"])("understands the calendars with an interval of %s", async (text) => {
    const interval = Duration.parse(text) as Duration;
    const timers = Object.entries(exampleTree(() => ({ converge: { interval } })));
    const calendars = timers.flatMap(([, file]) => /^OnCalendar=(.*)$/m.exec(file)?.[1] ?? []);
    // Each of five nodes converges and upgrades.
    expect(calendars).toHaveLength(2 * 5);
    const { code, output } = await run("systemd-analyze", "calendar", ...calendars);
    expect(code, output).toBe(0);
  });
});

const shellcheck = suiteWith("shellcheck", { shellcheck: "shellcheck" });
describe.skipIf(shellcheck.skip)(shellcheck.title, () => {
  const scripts = join(import.meta.dirname, "..", "..", "salt");

  it("has no remark on the commands in units", async () => {
    const commands = Object.entries(tree).flatMap(([, text]) => [...text.matchAll(/=\/bin\/sh -e?c '(.*)'$/gm)]);
    expect(commands.length).toBeGreaterThan(0);
    for (const [, command] of commands) {
      const { code, output } = await run(
        "shellcheck",
        "--shell=sh",
        write(join(temporaryFolder(), "command"), `${command}\n`),
      );
      expect(code, output).toBe(0);
    }
  });

  it("has no remark on user data", async () => {
    const topology = exampleTopology();
    for (const node of topology.nodes) {
      const script = write(join(temporaryFolder(), "user-data"), renderUserData(topology, node));
      const { code, output } = await run("shellcheck", script);
      expect(code, output).toBe(0);
    }
  });

  it("has no remark on the scripts of the states", async () => {
    const files = readdirSync(scripts, { recursive: true, encoding: "utf8" })
      .filter((path) => /\/files\/[a-z-]+$/.test(path) && existsSync(join(scripts, path)))
      .map((path) => join(scripts, path));
    expect(files.length).toBeGreaterThanOrEqual(4);
    const { code, output } = await run("shellcheck", ...files, join(scripts, "..", "bundle", "apply"));
    expect(code, output).toBe(0);
  });
});
