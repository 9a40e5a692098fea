import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { forgottenAfterSec } from "../../lab/faults/catalogue.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { ports } from "../../topology/ports.ts";
import { lab, proxies } from "./support.ts";
import { until } from "./until.ts";
import { upload } from "./uploads.ts";

/** From clients, between proxies, from nginx to HAProxy, and from there to registries. */
const hops = `( sport = :${ports.https} or dport = :${ports.proxyL7} or dport = :${ports.registry} )`;

async function connections(): Promise<string[]> {
  const ask = ["ss", "--tcp", "--numeric", "--options", "--no-header", "state", "established", hops];
  const lists = await Promise.all(proxies.map(({ container }) => dockerExec(container, ask)));
  return lists.flatMap((list) => list.split("\n").filter(Boolean));
}

it("every hop of a silent transfer is probed", async () => {
  const transfer = upload("silence/upload", randomBytes(1024 ** 2), 6_000, 1);
  const allProbed = async () => {
    const seen = await connections();
    return seen.length >= 4 && seen.every((connection) => connection.includes("timer:(keepalive"));
  };
  await until(allProbed, 5_000, "all of at least four connections are probed");
  await transfer;
});

it("every node probes well before the network forgets the connection", async () => {
  for (const { container } of lab.nodes) {
    const seconds = await dockerExec(container, ["sysctl", "--values", "net.ipv4.tcp_keepalive_time"]);
    expect(Number(seconds)).toBeLessThan(forgottenAfterSec / 2);
  }
});
