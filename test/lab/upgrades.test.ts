import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { LabNode } from "../../lab/state.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { keepAsking, pushAndPull } from "./load.ts";
import { call, lab, proxies, registries, untilHealthy } from "./support.ts";
import { until } from "./until.ts";

const offerNewer = readFileSync(join(import.meta.dirname, "offer-newer.sh"), "utf8");
/** Longer than a failover takes. */
const patienceMs = 10_000;

beforeAll(untilHealthy);

it("an upgrade of the proxies, one after the other, restarts what it has renewed, and no client notices that tries again", async () => {
  await Promise.all(proxies.map((proxy) => offer(proxy, "haproxy", "libpcre2-8-0")));
  const startsBefore = await Promise.all(proxies.map((proxy) => startOf(proxy, "nginx")));
  const load = clients();
  for (const proxy of proxies) await upgrade(proxy);

  expect(await load.stop()).toEqual([]);
  expect(load.served()).toBeGreaterThan(20);
  for (const [index, proxy] of proxies.entries()) {
    expect(await versionOf(proxy, "haproxy")).toMatch(/\+newer$/);
    // Its own package is the same; a library that it uses is not.
    expect(await startOf(proxy, "nginx")).not.toBe(startsBefore[index]);
  }
  await untilHealthy();
});

// Takes 25 s.
it.runIf(process.env.SLOW_TESTS)("an upgrade of Docker starts the registry again", async () => {
  const [registry] = registries as [LabNode];
  await offer(registry, "docker.io");
  const before = await startOf(registry, "registry");
  const load = clients();
  await upgrade(registry);

  expect(await load.stop()).toEqual([]);
  expect(await startOf(registry, "registry")).not.toBe(before);
  await untilHealthy();
});

it("Debian's own timers are off", async () => {
  for (const { container } of lab.nodes) {
    for (const unit of ["apt-daily.timer", "apt-daily-upgrade.timer", "unattended-upgrades.service"]) {
      expect(await dockerExec(container, ["sh", "-c", `systemctl is-enabled ${unit} || true`])).toBe("masked");
    }
  }
});

const offer = ({ container }: LabNode, ...packages: string[]) =>
  dockerExec(container, ["bash", "-s", "--", ...packages], { input: offerNewer });

/** Does not wait for systemctl: a library that systemd uses restarts systemd, which cuts systemctl off. */
async function upgrade({ name, container }: LabNode): Promise<void> {
  await dockerExec(container, ["systemctl", "start", "--no-block", "registry-cluster-upgrade"]);
  const state = () =>
    dockerExec(container, ["systemctl", "show", "--property=ActiveState", "--value", "registry-cluster-upgrade"]).catch(
      () => "activating",
    );
  await until(async () => (await state()) !== "activating", 180_000, `the upgrade of ${name} has ended`);
  expect(await dockerExec(container, ["tail", "--lines=1", "/var/log/registry-cluster/upgrade.log"])).toBe(
    "upgrade: done",
  );
}

const startOf = ({ container }: LabNode, unit: string) =>
  dockerExec(container, ["systemctl", "show", "--property=ActiveEnterTimestampMonotonic", "--value", unit]);

const versionOf = ({ container }: LabNode, name: string) =>
  dockerExec(container, ["dpkg-query", "--show", "--showformat=${Version}", name]);

const clients = () => keepAsking(patienceMs, answers, pushAndPull("upgrades/app"));

async function answers(): Promise<void> {
  const { status } = await call("GET", "/v2/");
  if (status !== 200) throw new Error(`GET answered ${status}`);
}
