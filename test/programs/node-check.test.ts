import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkout } from "../../common/checkout.ts";
import { ports } from "../../topology/ports.ts";
import { exampleTree, fileOf } from "../unit/templates/example.ts";
import { ProxyPair } from "./chain/proxy-pair.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { write } from "./files.ts";
import { suiteWith } from "./program.ts";

const suite = suiteWith("a proxy checks itself and", { haproxy: "haproxy", nginx: "nginx", openssl: "openssl" });
const program = join(checkout, "salt", "converge", "files", "registry_cluster_check.py");

/** What `systemctl show` prints of a unit, as a shell's here-document. */
const unit = (name: string, state = "active", sinceSec = 60) =>
  `Id=${name}.service\nActiveState=${state}\nActiveEnterTimestampMonotonic=$(($(cut -d. -f1 /proc/uptime) - ${sinceSec}))000000\n`;

describe.skipIf(suite.skip)(suite.title, () => {
  let pair: ProxyPair;
  let registry: FakeRegistry | undefined;
  let ssh: Server;
  let sshPort: number;

  beforeAll(async () => {
    pair = await ProxyPair.make({ network: "127.0.87" });
    ssh = createServer((socket) => socket.end("SSH-2.0-test\r\n")).listen(0, "127.0.0.1");
    await once(ssh, "listening");
    sshPort = (ssh.address() as AddressInfo).port;
  });
  beforeEach(async () => {
    registry ??= await FakeRegistry.start(pair);
    await pair.start();
  });
  afterAll(() => {
    ssh?.close();
    registry?.stop();
    pair?.stop();
  });

  /** Runs the program of nodes with the rendered checks of proxy-1. @returns what is wrong, line by line */
  async function check({ units = [unit("nginx"), unit("haproxy")], vrrp = "BACKUP", within = 0 } = {}) {
    const { folder, holder } = pair;
    const checks = JSON.parse(
      pair
        .onLoopback(fileOf(exampleTree(), "proxy-1", "/etc/registry-cluster/checks.json"), holder)
        .replace(`:${ports.https}/`, `:${pair.entry}/`),
    );
    checks.greetings[0].port = sshPort;
    checks.files[0].path = write(join(folder, "state"), JSON.stringify({ vrrp }));
    const file = write(join(folder, "checks.json"), JSON.stringify(checks));
    write(join(folder, "bin", "systemctl"), `#!/bin/sh\ncat << EOF\n${units.join("\n")}EOF\n`, 0o755);
    const { exitCode, stderr } = await execa("python3", [program, "--checks", file, "--within", String(within)], {
      env: { PATH: `${join(folder, "bin")}:${process.env.PATH}` },
      reject: false,
    });
    const lines = stderr.split("\n").filter(Boolean);
    expect(exitCode).toBe(lines.length > 0 ? 1 : 0);
    return lines;
  }

  it("finds nothing when all is well", async () => {
    expect(await check({ within: 20 })).toEqual([]);
  });

  it("names a unit that has failed", async () => {
    const units = [unit("nginx", "failed"), unit("haproxy")];
    expect(await check({ units })).toEqual(["nginx is failed, must be active"]);
  });

  it("does not trust a unit that has just started: it may crash again and again", async () => {
    const units = [unit("nginx"), unit("haproxy", "active", 1)];
    expect(await check({ units })).toEqual([expect.stringMatching(/^haproxy started [12] s ago, must run for 5 s$/)]);
  });

  it("notices that keepalived has given up", async () => {
    expect(await check({ vrrp: "FAULT" })).toEqual([expect.stringMatching(/^keepalived is in FAULT: /)]);
  });

  it("notices that keepalived gives up after some checks", async () => {
    setTimeout(() => write(join(pair.folder, "state"), JSON.stringify({ vrrp: "FAULT" })), 3_000);
    expect(await check({ within: 1 })).toEqual([expect.stringMatching(/^keepalived is in FAULT: /)]);
  });

  it("names an nginx that runs and answers with errors", async () => {
    await pair.kill("nginx proxy-1", "SIGTERM");
    const broken = (text: string) => text.replaceAll(/location \/v2\/ \{/g, "$&\n return 500;");
    await pair.startNginx("proxy-1", broken);
    expect(await check({ within: 5 })).toEqual([
      `nginx, as clients ask it: https://${pair.holder}:8443/v2/ answered 500, must answer 401`,
    ]);
    await pair.kill("nginx proxy-1", "SIGTERM");
  });

  it("names an HAProxy that runs and serves no clients", async () => {
    await pair.kill("haproxy", "SIGTERM");
    pair.startHaproxy((text) => text.replace(`:${pair.entry}`, `:${pair.entry + 1}`));
    expect(await check({ within: 5 })).toEqual([
      expect.stringMatching(/^HAProxy, as clients ask it: https:.*Connection refused/),
    ]);
    await pair.kill("haproxy", "SIGTERM");
  });

  it("is not blamed for registries that do not answer", async () => {
    registry?.stop();
    registry = undefined;
    expect(await check({ within: 20 })).toEqual([]);
  });

  it("says that nobody can log in", async () => {
    ssh.close();
    expect(await check()).toEqual([expect.stringMatching(/^ssh: 127\.0\.0\.1:\d+: .*Connection refused$/)]);
  });
});
