import { isIPv4 } from "node:net";
import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { ListRolesCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabNode } from "../../lab/state.ts";
import type { LabStatus } from "../../lab/status.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import type { Result } from "../../operate/check/results.ts";
import { serviceAddressRole } from "../../topology/names.ts";
import { until } from "../lab/until.ts";
import { Operator, type Outcome } from "./operator.ts";
import { suiteWithTerraform } from "./requirements.ts";

const suite = suiteWithTerraform("a cluster that Terraform deploys");

/** One story, told by its steps: each begins with what the ones before have left. */
describe.skipIf(suite.skip)(suite.title, () => {
  let operator: Operator;
  beforeAll(() => {
    operator = new Operator("applied");
  });
  afterAll(() => operator?.leave());

  const cdktf = (...command: string[]) => operator.run("npx", "cdktf", ...command);
  const registryCluster = (...command: string[]) => operator.run("npx", "registry-cluster", ...command);
  const terraform = (...command: string[]) =>
    operator.run("terraform", `-chdir=cdktf.out/stacks/${operator.name}`, ...command);
  const expectEmptyDiff = async () => {
    const diff = await cdktf("diff");
    expect(diff.exitCode, diff.text).toBe(0);
    expect(diff.text).toContain("No changes.");
  };
  const nodesOf = (role: string) => operator.lab.nodes.filter((node) => node.role === role);
  const boot = async () => succeed(await registryCluster("lab", "up", "--applied"));

  it("begins with an empty AWS on this machine, whose environment is printed", async () => {
    const { text } = succeed(await operator.emulateAws());
    expect(text).toMatch(/^export HTTPS_PROXY='http:\/\/127\.0\.0\.1:\d+'$/m);
    expect(text).toMatch(/^export AWS_CA_BUNDLE='.*'$/m);
  });

  it("passes the preflight once its secrets are made", async () => {
    succeed(await registryCluster("artifacts", "build"));
    const before = await registryCluster("preflight");
    expect(before.exitCode).toBe(1);
    succeed(await registryCluster("access", "init"));
    succeed(await registryCluster("preflight"));
  });

  it("is deployed by cdktf, and its outputs tell the operator where it is", async () => {
    succeed(await cdktf("deploy", "--auto-approve"));
    const outputs = JSON.parse(succeed(await terraform("output", "-json")).stdout);
    expect(isIPv4(outputs.service_address.value)).toBe(true);
    expect(Object.keys(outputs.ssh.value)).toEqual(["bastion", "proxy-1", "proxy-2", "registry-1", "registry-2"]);
  });

  it("has no difference to its plan", expectEmptyDiff);

  it("boots as it was applied, takes an image, and gives it back", async () => {
    await boot();
    const { text } = succeed(await registryCluster("start", "--applied"));
    expect(text).toContain("Login, push and pull through the Elastic IP");
  });

  it("passes every check, by an operator who may do everything", async () => {
    const login = { REGISTRY_PASSWORD: succeed(await registryCluster("access", "user", "password", "admin")).stdout };
    const at = `127.0.0.1:${operator.lab.ports.https}`;
    const command = ["npx", "registry-cluster", "check", "--json", "--user", "admin", "--at", at];
    const results = JSON.parse(succeed(await operator.runWith(login, ...command)).stdout) as Result[];
    expect(results.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  });

  it("has no difference to its plan after a failover", async () => {
    const [lost, other] = [await holder(), await notHolder()];
    await docker(["kill", "--signal", "KILL", lost.container]);
    await until(async () => (await holder()).name === other.name, 60_000, "the address is at the other proxy");
    await expectEmptyDiff();
    await docker(["start", lost.container]);
  });

  describe("that gets a third registry, another setting of nginx, and a tag", () => {
    let before: Record<string, string>;

    it("shows the setting as text, and replaces no machine", async () => {
      before = await startTimes();
      operator.edit("templates/proxy/nginx.conf.njk", [[/keepalive_time 60s;/, "keepalive_time 77s;"]]);
      operator.edit("cluster.yml", [
        [/^registries:\n(.*\n)*? {2}count: 2$/m, "registries:\n  count: 3"],
        [/^tags: \{\}$/m, "tags: { owner: platform }"],
      ]);
      const diff = succeed(await cdktf("diff"));
      expect(diff.text).toMatch(/^\s*\+\s+keepalive_time 77s;$/m);
      expect(diff.text).toMatch(/^\s*-\s+keepalive_time 60s;$/m);
      expect(diff.text).toContain("# aws_instance.registry-3 (registry-3/instance) will be created");
      expect(replaced(diff)).toEqual([expect.stringContaining("bundle-object")]);
    });

    it("has it all without a reboot, and then no difference to its plan", async () => {
      succeed(await cdktf("deploy", "--auto-approve"));
      await boot();
      expect(await startTimes()).toMatchObject(before);
      expect(nodesOf("registry")).toHaveLength(3);
      for (const proxy of nodesOf("proxy")) {
        const nginx = await dockerExec(proxy.container, ["cat", "/etc/nginx/nginx.conf"]);
        expect(nginx).toContain("keepalive_time 77s;");
        for (const registry of nodesOf("registry")) expect(nginx).toContain(`server ${registry.privateIp}:5000`);
      }
      expect(await ownersOfVolumes()).toEqual(operator.lab.nodes.map(() => "platform"));
      await expectEmptyDiff();
    });
  });

  it("has a proxy replaced alone, which then may take the address", async () => {
    const [other, rolled] = [await holder(), await notHolder()];
    const targets = [`aws_instance.${rolled.name}`, `aws_iam_role_policy.${rolled.name}-service-address`];
    const options = ["-auto-approve", `-replace=${targets[0]}`, ...targets.map((target) => `-target=${target}`)];
    const { text } = succeed(await terraform("apply", ...options));
    expect(text).toMatch(/1 added, [01] changed, 1 destroyed/);
    await boot();
    expect(nodesOf("proxy").find(({ name }) => name === rolled.name)?.instanceId).not.toBe(rolled.instanceId);
    await docker(["kill", "--signal", "KILL", other.container]);
    await until(async () => (await holder()).name === rolled.name, 60_000, "the address is at the new proxy");
    await docker(["start", other.container]);
    await expectEmptyDiff();
  });

  it("is not destroyed by cdktf, because its buckets are protected", async () => {
    const { exitCode } = await cdktf("destroy", "--auto-approve");
    expect(exitCode).toBe(1);
  });

  it("is shown what would be destroyed, with nothing changed by either command", async () => {
    const { text } = succeed(await registryCluster("destroy", "--dry-run"));
    expect(text).toMatch(/# aws_eip\.service_address .*will be destroyed/);
    expect(text).not.toMatch(/# aws_s3_bucket\S+ .*will be destroyed/);
    await expectEmptyDiff();
  });

  it("is destroyed by the project's own command, but for its buckets and, if asked to, its address; that is said", async () => {
    const held = await serviceAddress();
    const { text } = succeed(await registryCluster("destroy", "--auto-approve", "--keep-address"));
    expect(text).toContain(
      "left, because they are protected: aws_eip.service_address, aws_s3_bucket.provisioning_bucket, aws_s3_bucket.registry_bucket",
    );
    expect(await whatIsLeft()).toEqual({ instances: [], addresses: [held], vpcs: [], roles: [] });
    const state = succeed(await terraform("state", "list"))
      .stdout.split("\n")
      .filter(Boolean);
    expect(state.filter((address) => !/^(data\.|aws_s3_bucket)/.test(address))).toEqual(["aws_eip.service_address"]);
    expect(state).toContain("aws_s3_bucket.registry_bucket");
  });

  it("is deployed again around what stayed", async () => {
    const kept = await serviceAddress();
    succeed(await cdktf("deploy", "--auto-approve"));
    await expectEmptyDiff();
    expect(await serviceAddress()).toBe(kept);
  });

  const status = async () => JSON.parse((await registryCluster("lab", "status", "--json")).stdout) as LabStatus;

  async function holder(): Promise<LabNode> {
    const held = (await status()).nodes.find(({ holdsServiceAddress }) => holdsServiceAddress)?.node;
    return (nodesOf("proxy").find(({ name }) => name === held) ?? { name: "nobody" }) as LabNode;
  }

  async function notHolder(): Promise<LabNode> {
    const { name } = await holder();
    return nodesOf("proxy").find((proxy) => proxy.name !== name) as LabNode;
  }

  /** When each machine booted. */
  async function startTimes(): Promise<Record<string, string>> {
    const times = operator.lab.nodes.map(async ({ name, container }) => {
      return [name, await docker(["inspect", "--format", "{{.State.StartedAt}}", container])] as const;
    });
    return Object.fromEntries(await Promise.all(times));
  }

  async function serviceAddress(): Promise<string | undefined> {
    const Filters = [{ Name: "tag:Role", Values: [serviceAddressRole] }];
    const { Addresses = [] } = await operator.aws.ec2.send(new DescribeAddressesCommand({ Filters }));
    return Addresses[0]?.PublicIp;
  }

  /** The tag `owner` of each root volume. */
  async function ownersOfVolumes(): Promise<(string | undefined)[]> {
    const { Volumes = [] } = await operator.aws.ec2.send(new DescribeVolumesCommand({}));
    const inUse = Volumes.filter(({ State }) => State === "in-use");
    return inUse.map(({ Tags = [] }) => Tags.find(({ Key }) => Key === "owner")?.Value);
  }

  /** What there is in the account besides buckets. */
  async function whatIsLeft() {
    const { ec2, iam } = operator.aws;
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
    const { Roles } = await iam.send(new ListRolesCommand({}));
    return {
      instances: Reservations.flatMap(({ Instances = [] }) => Instances).filter(
        ({ State }) => State?.Name !== "terminated",
      ),
      addresses: Addresses.map(({ PublicIp }) => PublicIp),
      vpcs: Vpcs.filter(({ IsDefault }) => !IsDefault),
      roles: Roles,
    };
  }
});

function succeed(outcome: Outcome): Outcome {
  expect(outcome.exitCode, outcome.text).toBe(0);
  return outcome;
}

/** Resources that a diff would make anew, and destroy the old one. */
function replaced({ text }: Outcome): string[] {
  return [...text.matchAll(/# (\S+) .*must be replaced$/gm)].map(([, address]) => address as string);
}
