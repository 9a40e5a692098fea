import { afterAll, describe, expect, it } from "vitest";
import { type FaultName, faults, forgottenAfterSec, slowMbitPerSec } from "../../lab/faults/catalogue.ts";
import { heal } from "../../lab/faults/heal.ts";
import { inject } from "../../lab/faults/strike.ts";
import type { LabNode } from "../../lab/state.ts";
import { statusOf } from "../../lab/status.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import { serviceAddressRole } from "../../topology/names.ts";
import { ports } from "../../topology/ports.ts";
import { call, holder, lab, masters, proxies, registries } from "./support.ts";
import { until } from "./until.ts";

/** What of a node shows that a fault is in force. */
interface Sight {
  look(node: LabNode): Promise<string>;
  /** @param before what was seen before the fault. */
  shows(now: string, before: string): boolean;
  /** Whether nothing is seen unless the node is the master. @default false */
  readonly ofMaster?: boolean;
}

const shell = (container: string, command: string) => dockerExec(container, ["bash", "-c", command]).catch(() => "");

/** What a command on the node prints. */
const sight = (command: string, shows: Sight["shows"]): Sight => ({
  look: ({ container }) => shell(container, command),
  shows,
});

const isOther: Sight["shows"] = (now, before) => now !== "" && now !== before;
/** systemd has another process of it. */
const restarted = (unit: string) =>
  sight(`systemctl is-active --quiet ${unit} && systemctl show --property=MainPID ${unit}`, isOther);
const stopped = (unit: string) => sight(`systemctl is-active ${unit} || true`, (now) => now === "inactive");
const keeperSays = (reason: string) =>
  sight("journalctl --unit eip-keeper --since -10s --output cat", (now) => now.includes(reason));

const status = (url: string, withinSec = 2) =>
  `curl --silent --output /dev/null --max-time ${withinSec} --write-out '%{http_code}' ${url} || true`;
/** Of one processor, in percent. */
const isStarved: Sight["shows"] = (share) => share !== "" && Number(share) < 8;
const answer = (url: string, wanted: string) => sight(status(url), (now) => now === wanted);
const noAnswer = "000";
const health = `http://127.0.0.1:${ports.proxyHealth}/healthz`;
const nginxHealth = `http://127.0.0.1:${ports.nginxHealth}/healthz`;
const api = `https://ec2.${lab.region}.amazonaws.com/`;
const s3 = `https://s3.${lab.region}.amazonaws.com/`;

/** Takes the address, and asks who has it. Its keepers put it right afterwards. */
const takeAndAsk = `set -a; . /etc/registry-cluster/node.env; set +a
token=$(curl --silent --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
imds() { curl --silent --header "X-aws-ec2-metadata-token: $token" "http://169.254.169.254/latest/meta-data/$1"; }
address() {
  aws ec2 describe-addresses --filters "Name=tag:Cluster,Values=$CLUSTER" Name=tag:Role,Values=${serviceAddressRole} \
    --output text --query "Addresses[0].$1"
}
me=$(imds "network/interfaces/macs/$(imds mac)/interface-id")
aws ec2 associate-address --allocation-id "$(address AllocationId)" --network-interface-id "$me" --allow-reassociation > /dev/null
if [[ $(address NetworkInterfaceId) == "$me" ]]; then echo current; else echo stale; fi`;

/** Adverts of the master are dropped, and, where all are, another proxy has become master. */
const dropsVrrp = (all: boolean): Sight => ({
  async look(master) {
    const rules = await Promise.all(proxies.map(({ container }) => shell(container, "nft list table inet lab_faults")));
    const others = (await masters()).filter((name) => name !== master.name);
    return `${rules.join("\n")}\nother masters: ${others}`;
  },
  shows: (now) => /112 .*counter packets [1-9]/.test(now) && (!all || /other masters: proxy/.test(now)),
  ofMaster: true,
});
const dockerState = (field: string, shows: Sight["shows"]): Sight => ({
  look: ({ container }) => docker(["inspect", "--format", `{{.State.${field}}}`, container]),
  shows,
});

const sights: Readonly<Record<FaultName, Sight>> = {
  "haproxy-crash": restarted("haproxy"),
  "haproxy-hang": answer(health, noAnswer),
  "haproxy-stop": stopped("haproxy"),
  "nginx-crash": restarted("nginx"),
  "nginx-hang": answer(nginxHealth, noAnswer),
  "nginx-500": answer(nginxHealth, "500"),
  "nginx-stop": stopped("nginx"),
  "keepalived-stop": stopped("keepalived"),
  "keepalived-crash": restarted("keepalived"),
  "keeper-crash": restarted("eip-keeper"),
  "node-pause": dockerState("Status", (now) => now === "paused"),
  "node-off": dockerState("Status", (now) => now === "exited"),
  "zone-off": dockerState("Status", (now) => now === "exited"),
  "node-reboot": dockerState("StartedAt", isOther),
  "cpu-starved": sight("TIMEFORMAT=%P; { time for ((i = 0; i < 30000; i++)); do :; done; } 2>&1", isStarved),
  "disk-full": sight("date 2>&1 > /var/log/nginx/probe; rm /var/log/nginx/probe", (now) =>
    now.includes("No space left on device"),
  ),
  "clock-moved": keeperSays("RequestExpired"),
  "vrrp-drop-one-way": dropsVrrp(true),
  "vrrp-drop": dropsVrrp(true),
  "vrrp-loss": dropsVrrp(false),
  // What exceeds the rate has to wait.
  "network-slow": sight(
    `head --bytes 16M /dev/zero | curl --silent --output /dev/null --max-time 9 --data-binary @- ${api}; tc -s qdisc show dev eth0`,
    (now) => now.includes(` rate ${slowMbitPerSec}Mbit `) && /overlimits [1-9]/.test(now),
  ),
  "idle-cut": sight("sysctl net.netfilter.nf_conntrack_tcp_timeout_established", (now) =>
    now.endsWith(` ${forgottenAfterSec}`),
  ),
  "api-unreachable": answer(api, noAnswer),
  "api-slow": sight(
    `curl --silent --output /dev/null --max-time 9 --write-out '%{time_total}' ${api} || true`,
    (seconds) => Number(seconds) >= 5,
  ),
  "api-throttled": keeperSays("RequestLimitExceeded"),
  "api-stale": sight(takeAndAsk, (answer) => answer === "stale"),
  "metadata-down": answer("http://169.254.169.254/", noAnswer),
  "s3-503": answer(s3, "503"),
  "s3-slow": sight(
    `start=$(date +%s%3N); for i in {1..6}; do ${status(s3)}; done > /dev/null; echo $(($(date +%s%3N) - start))`,
    (milliseconds) => Number(milliseconds) > 2_000,
  ),
  "s3-cut": answer(s3, noAnswer),
  "registry-crash-in-patch": restarted("registry"),
  "registry-crash-in-put": restarted("registry"),
  deploy: {
    look: async () =>
      (
        await Promise.all(
          lab.nodes.map(({ container }) => shell(container, "systemctl is-active registry-cluster-converge || true")),
        )
      ).join(),
    shows: (now) => now.includes("activating"),
  },
};

afterAll(() => heal(lab));

describe("a fault is in force once it is injected, and gone once it is healed", () => {
  it.each(faults)("$name", async ({ name, strikes, lasts }) => {
    const { look, shows, ofMaster } = sights[name as FaultName];
    const node = await target(strikes, ofMaster);
    const before = await look(node);
    const asked = Date.now();
    const { at } = await inject(lab, name, strikes === "cluster" ? undefined : node.name);
    try {
      expect(at).toBeGreaterThanOrEqual(asked);
      expect(at).toBeLessThanOrEqual(Date.now());
      await until(async () => shows(await look(node), before), 20_000, `${name} is seen on ${node.name}`);
    } finally {
      await heal(lab);
    }
    await until(async () => (await statusOf(lab.name)).up, 30_000, "the lab is whole");
    if (lasts) await until(async () => !shows(await look(node), before), 20_000, `${name} is gone from ${node.name}`);
  });
});

describe("an outage of the holder's zone", () => {
  it("leaves the address with a proxy of another zone, which still reaches AWS's API by its name", async () => {
    const old = await holder();
    const { at } = await inject(lab, "zone-off", old.name);
    try {
      const moved = async () => (await holder()).zone !== old.zone;
      await until(moved, 10_000, "the address is in another zone");
      expect(Date.now() - at).toBeLessThan(10_000);
      // The dead address may come first, which takes half of the time.
      expect(await shell((await holder()).container, status(api, 10))).toMatch(/^[1-5]\d\d$/);
      expect((await call("GET", "/v2/")).status).toBe(200);
    } finally {
      await heal(lab);
    }
  });
});

describe("healing", () => {
  it("is quick when nothing is broken", async () => {
    const start = Date.now();
    await heal(lab);
    expect(Date.now() - start).toBeLessThan(5_000);
  });

  it("leaves nothing for the next converge to change", async () => {
    const converge = ({ container }: LabNode) => dockerExec(container, ["/usr/local/sbin/registry-cluster-converge"]);
    for (const output of await Promise.all(lab.nodes.map(converge))) {
      expect(output).toMatch(/^Failed: +0$/m);
      expect(output).not.toContain("changed=");
    }
  });
});

/** A proxy that only stands by, so that most faults need not wait for the address to move. */
async function target(strikes: string, ofMaster = false): Promise<LabNode> {
  if (strikes === "registry") return registries[0] as LabNode;
  const settled = async () => (await masters()).join() === (await holder()).name;
  await until(settled, 60_000, "the only master is the holder");
  const [master] = await masters();
  return proxies.find(({ name }) => (name === master) === ofMaster) as LabNode;
}
