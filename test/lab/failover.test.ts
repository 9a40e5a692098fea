import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import { call, holder, masters, powerOff, powerOn, proxies, pushBlob, registries, untilHealthy } from "./support.ts";
import { until, untilItWorks } from "./until.ts";

afterAll(untilHealthy);

/** Long enough for detection, the API call and a client's retry, on a busy machine; how long it really takes is for the bench. */
const takeoverMs = 30_000;

describe("when the proxy that holds the address loses power", () => {
  it("the address moves to the other one, and pushes and pulls go on", async () => {
    const lost = await holder();
    const digest = await pushBlob("failover/host");
    await powerOff(lost);
    try {
      const pushed = await untilItWorks(() => pushBlob("failover/host"), takeoverMs);
      expect((await holder()).name).not.toBe(lost.name);
      for (const blob of [digest, pushed])
        expect((await call("GET", `/v2/failover/host/blobs/${blob}`)).status).toBe(200);
    } finally {
      await powerOn(lost);
    }
    await untilHealthy();
  });

  it("it comes back as a backup: the address does not move a second time", async () => {
    const before = await holder();
    const other = proxies.find((proxy) => proxy.name !== before.name)!;
    await dockerExec(other.container, ["systemctl", "restart", "keepalived"]);
    await sleep(10_000);
    expect((await holder()).name).toBe(before.name);
  });
});

describe("when nginx dies on the proxy that holds the address", () => {
  it("the address moves although the host lives", async () => {
    const lost = await holder();
    await dockerExec(lost.container, ["systemctl", "stop", "nginx"]);
    try {
      await until(async () => (await holder()).name !== lost.name, takeoverMs, "the address is at the other proxy");
      await untilItWorks(() => pushBlob("failover/nginx"), takeoverMs);
    } finally {
      await dockerExec(lost.container, ["systemctl", "start", "nginx"]);
    }
    await untilHealthy();
  });
});

describe("when someone moves the address away from the master", () => {
  it("the master takes it back, although keepalived saw nothing", async () => {
    const master = await holder();
    const other = proxies.find((proxy) => proxy.name !== master.name)!;
    await dockerExec(other.container, ["systemctl", "stop", "eip-keeper"]);
    await stealAddress(other.container);
    await until(async () => (await holder()).name === master.name, takeoverMs, "the master has the address again");
    await dockerExec(other.container, ["systemctl", "start", "eip-keeper"]);
    await untilHealthy();
  });
});

describe("when a registry loses power", () => {
  it("pushes and pulls go on at the other one", async () => {
    const lost = registries[0]!;
    const digest = await pushBlob("failover/registry");
    await powerOff(lost);
    try {
      await untilItWorks(() => pushBlob("failover/registry"), takeoverMs);
      for (let i = 0; i < 4; i++) {
        const pulled = await untilItWorks(() => call("GET", `/v2/failover/registry/blobs/${digest}`), takeoverMs);
        expect(pulled.status).toBe(200);
      }
    } finally {
      await powerOn(lost);
    }
    await untilHealthy();
  });
});

describe("when each node is rebooted in turn", () => {
  it("the cluster is whole again after each, with the address at exactly one healthy proxy", async () => {
    for (const node of [...proxies, ...registries]) {
      await powerOff(node);
      await powerOn(node);
      await untilHealthy();
      await untilItWorks(() => pushBlob("failover/reboot"), takeoverMs);
    }
  });
});

describe("when everything is healed", () => {
  it("exactly one proxy is master, and that one has the address", async () => {
    await untilHealthy();
    await until(
      async () => (await masters()).join() === (await holder()).name,
      takeoverMs,
      "the only master is the holder",
    );
  });
});

/** What an operator's mistake, or a stale master, does: gives the address to a proxy that is not the master. */
async function stealAddress(container: string): Promise<void> {
  await dockerExec(container, [
    "bash",
    "-euc",
    `set -a; . /etc/registry-cluster/node.env
     token=$(curl --fail --silent -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
     id=$(curl --fail --silent -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)
     allocation=$(aws ec2 describe-addresses --filters Name=tag:Role,Values=service-address --query 'Addresses[0].AllocationId' --output text)
     aws ec2 associate-address --allow-reassociation --allocation-id "$allocation" --instance-id "$id"`,
  ]);
}
