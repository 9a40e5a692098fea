import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgottenAfterSec } from "../../lab/faults/catalogue.ts";
import { heal } from "../../lab/faults/heal.ts";
import { inject } from "../../lab/faults/strike.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { tcpKeepalive } from "../../topology/timeouts.ts";
import { lab, proxies, registries } from "./support.ts";
import { upload } from "./uploads.ts";

const nodes = [...proxies, ...registries];
const set = (...settings: readonly string[]) =>
  Promise.all(nodes.map(({ container }) => dockerExec(container, ["sysctl", "--quiet", "--write", ...settings])));

/** All times of this test are as much shorter. */
const faster = 25;

describe("a transfer that is silent for longer than the network remembers a connection", () => {
  beforeAll(async () => {
    await inject(lab, "idle-cut");
    await set(
      `net.netfilter.nf_conntrack_tcp_timeout_established=${forgottenAfterSec / faster}`,
      `net.ipv4.tcp_keepalive_time=${Math.floor(tcpKeepalive.idleSec / faster)}`,
      `net.ipv4.tcp_keepalive_intvl=${Math.ceil(tcpKeepalive.intervalSec / faster)}`,
    );
  });
  afterAll(async () => {
    await set(
      `net.ipv4.tcp_keepalive_time=${tcpKeepalive.idleSec}`,
      `net.ipv4.tcp_keepalive_intvl=${tcpKeepalive.intervalSec}`,
    );
    await heal(lab);
  });

  it("goes on, because every hop asks whether the other end is still there", async () => {
    await expect(upload("silence/upload", randomBytes(1024 ** 2), 30_000, 1)).resolves.toBeUndefined();
  });
});

it("no node waits with its question until the network has forgotten", async () => {
  for (const { container } of nodes) {
    const seconds = await dockerExec(container, ["sysctl", "--values", "net.ipv4.tcp_keepalive_time"]);
    expect(Number(seconds)).toBeLessThan(forgottenAfterSec / 2);
  }
});
