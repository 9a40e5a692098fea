import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { heal } from "../../lab/faults/heal.ts";
import { inject } from "../../lab/faults/strike.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import { convergedFile } from "../../templates/user-data.ts";
import { lab, registries, untilHealthy } from "./support.ts";
import { until } from "./until.ts";

const unit = "registry-cluster-first-converge.service";
const [, { container, name }] = registries as [unknown, (typeof registries)[number]];
const inNode = (script: string) => dockerExec(container, ["bash", "-c", script]);
const hasConverged = () =>
  inNode(`test -e ${convergedFile}`).then(
    () => true,
    () => false,
  );

/** A package that is unpacked and not configured, as a power cut leaves it. */
const halfInstalled = [
  "mkdir -p /tmp/half/DEBIAN",
  "printf '%s\\n' 'Package: half' 'Version: 1' 'Architecture: all' 'Maintainer: Half <half@example.com>' 'Description: half' > /tmp/half/DEBIAN/control",
  "dpkg-deb --build /tmp/half /tmp/half.deb",
  "dpkg --unpack /tmp/half.deb",
].join(" && ");

afterAll(async () => {
  await inNode("dpkg --purge half; rm -rf /tmp/half*");
  await heal(lab);
  await untilHealthy();
});

describe("a node that loses power during its first boot", () => {
  it("converges when it boots again, although its user data runs only once", async () => {
    const ranAt = await inNode("stat --format %Y /var/lib/lab/user-data.done");
    // back to where user data has just ended
    await inNode(
      `rm ${convergedFile} && systemctl start --no-block ${unit} && until pgrep -f registry-cluster-converge; do sleep 0.1; done`,
    );
    await inNode(halfInstalled);
    await inject(lab, "node-off", name);
    await sleep(500);
    await docker(["start", container]);
    await until(hasConverged, 120_000, `${name} converges`);
    expect(await inNode("stat --format %Y /var/lib/lab/user-data.done")).toBe(ranAt);
  });

  it("has no half-installed packages then", async () => {
    expect(await inNode("dpkg --audit")).toBe("");
  });

  it("is left to its turns afterwards", async () => {
    await inject(lab, "node-reboot", name);
    const state = async () => inNode(`systemctl show --property=ConditionResult,ActiveState ${unit}`).catch(() => "");
    await until(async () => /ConditionResult=no/.test(await state()), 60_000, "the unit is skipped");
    expect(await state()).toContain("ActiveState=inactive");
  });
});
