import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, readAccount } from "../../lab/account/account.ts";
import { seed } from "../../lab/account/seed.ts";
import { packetRules } from "../../lab/security-groups.ts";
import { planOf } from "../unit/lab/support.ts";
import { plan as exampleCluster } from "../unit/stacks/fixture.ts";
import { type Moto, startMoto } from "./moto.ts";
import { suiteWith } from "./program.ts";

const aws = "10.80.0.2";
const s3 = "10.80.0.3";
const bastion = "10.80.0.4";
const proxies = ["10.80.0.5", "10.80.16.5"];
const registries = ["10.80.128.4", "10.80.144.4"];
const clients = ["198.51.100.0/24", "203.0.113.0/24"];
const operators = "203.0.113.0/24";

let moto: Moto;
let account: Account;

beforeAll(async () => {
  moto = await startMoto();
  const options = {
    endpoint: moto.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const ec2 = new EC2Client(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const plan = planOf(exampleCluster().text);
  // Objects are files, which a plan in a test does not have.
  const withoutObjects = { ...plan, resources: plan.resources.filter(({ type }) => type !== "aws_s3_object") };
  await seed({ ec2, iam: new IAMClient(options), buckets: s3, objects: s3 }, withoutObjects);
  account = await readAccount(ec2, "registry");
}, 600_000);

afterAll(() => moto?.stop());

const instanceOf = (name: string) => account.instances.find((instance) => instance.name === name)!;
const rulesOf = (name: string) => packetRules(account, instanceOf(name), { awsAddress: aws, s3Address: s3 });

/** What the packet rules of a node accept in a chain: `tcp dport 22 10.80.0.4`, sorted. */
function accepted(name: string, chain: "in" | "out"): string[] {
  const [, incoming, outgoing] = rulesOf(name).split(/chain \w+ \{/) as [string, string, string];
  const lines = (chain === "in" ? incoming : outgoing).matchAll(/ip [sd]addr ([\d./]+) (.*) accept/g);
  return [...lines].map(([, peer, traffic]) => `${traffic} ${peer}`).sort();
}

describe("the account of the example cluster, made from its plan", () => {
  it("has the planned nodes, by their tags", () => {
    const nodes = account.instances.map(({ name, role, privateIp }) => `${name} ${role} ${privateIp}`);
    expect(nodes).toEqual([
      `bastion bastion ${bastion}`,
      ...proxies.map((address, index) => `proxy-${index + 1} proxy ${address}`),
      ...registries.map((address, index) => `registry-${index + 1} registry ${address}`),
    ]);
  });

  it("is no other cluster's", async () => {
    const ec2 = new EC2Client({
      endpoint: moto.endpoint,
      region: "eu-west-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    await expect(readAccount(ec2, "staging")).rejects.toThrow("the cluster 'staging' has no service address");
  });
});

describe("the packet rules of the example cluster", () => {
  it("let the proxies reach a registry, the bastion its shell and metrics, and nobody anything else", () => {
    expect(accepted("registry-1", "in")).toEqual([
      `tcp dport 22 ${bastion}`,
      ...proxies.map((proxy) => `tcp dport 5000 ${proxy}`),
      `tcp dport 5001 ${bastion}`,
    ]);
  });

  it("let the clients of the config reach a proxy by HTTPS, and nobody else", () => {
    const https = accepted("proxy-1", "in").filter((rule) => rule.startsWith("tcp dport 443 "));
    expect(https).toEqual(clients.map((client) => `tcp dport 443 ${client}`));
  });

  it("let the operators of the config reach the bastion by SSH, and nobody else", () => {
    const ssh = accepted("bastion", "in").filter((rule) => rule.startsWith("tcp dport 22 "));
    expect(ssh).toEqual([`tcp dport 22 ${operators}`]);
  });

  it.each(["in", "out"] as const)("let VRRP go %s between the proxies only", (chain) => {
    const withVrrp = account.instances.map(({ name }) => [
      name,
      accepted(name, chain).filter((rule) => rule.includes("protocol 112")),
    ]);
    const vrrp = proxies.map((proxy) => `ip protocol 112 ${proxy}`);
    expect(Object.fromEntries(withVrrp)).toEqual({
      ...{ bastion: [], "registry-1": [], "registry-2": [] },
      ...{ "proxy-1": vrrp, "proxy-2": vrrp },
    });
  });

  it("let the bastion out to nothing on a registry but its shell and metrics", () => {
    const toRegistries = accepted("bastion", "out").filter((rule) => registries.includes(rule.split(" ").at(-1)!));
    expect(toRegistries).toEqual([
      ...registries.map((registry) => `tcp dport 22 ${registry}`),
      ...registries.map((registry) => `tcp dport 5001 ${registry}`),
    ]);
  });

  it("let the proxies reach the endpoint of EC2 in each of their zones", () => {
    expect(account.endpoints.map(({ zone }) => zone)).toEqual(["eu-west-1a", "eu-west-1b"]);
    for (const { privateIp } of account.endpoints) {
      expect(accepted("proxy-1", "out")).toContain(`tcp dport 443 ${privateIp}`);
    }
  });

  it("are the same for two nodes of a role", () => {
    expect(rulesOf("registry-2")).toBe(rulesOf("registry-1"));
  });
});

const isRoot = process.getuid?.() === 0;
const suite = suiteWith("the packet rules, for nft,", { nft: "nftables" });
const title = isRoot ? suite.title : `${suite.title} (skipped: nft checks rules for root only; run the tests as root)`;

describe.skipIf(suite.skip || !isRoot)(title, () => {
  it.each(["bastion", "registry-1", "proxy-1"])("are rules that it takes, on %s", async (node) => {
    const { exitCode, stderr } = await execa("nft", ["--check", "--file", "-"], {
      input: rulesOf(node),
      reject: false,
    });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });
});
