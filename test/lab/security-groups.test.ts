import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { readAccount } from "../../lab/account/account.ts";
import { clientsOf } from "../../lab/account/machine.ts";
import { containerOf, instanceMachines, networkOf } from "../../lab/machines.ts";
import { enforceSecurityGroups } from "../../lab/nodes.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import { ports, vrrpProtocol } from "../../topology/ports.ts";
import {
  holder,
  lab,
  masters,
  nodesThatServe,
  powerOff,
  powerOn,
  proxies,
  registries,
  untilHealthy,
} from "./support.ts";
import { until, untilItWorks } from "./until.ts";

const { ec2 } = clientsOf(lab);
const bastion = lab.nodes.find(({ role }) => role === "bastion")!;

afterAll(untilHealthy);

describe("the bastion", () => {
  it("reaches the metrics of a registry, and not its API", async () => {
    const [registry] = registries;
    const ask = (port: number) => {
      const url = `http://${registry?.privateIp}:${port}/`;
      return exitCodeOf("curl", "--silent", "--output", "/dev/null", "--connect-timeout", "3", url);
    };
    expect(await ask(ports.registryMetrics)).toBe(0);
    expect(await ask(ports.registry)).toBe(curlTimeout);
  });

  it("answers to SSH from a network that the config allows, where the laptop seems to be", async () => {
    const { stdout } = await execa("bash", ["-c", `exec 3<>/dev/tcp/127.0.0.1/${lab.ports.ssh}; head -c 4 <&3`]);
    expect(stdout).toBe("SSH-");
  });

  it("does not answer to SSH from elsewhere, until a security group lets it", async () => {
    expect(await sshFromTheInternet()).toBe("");
    const open = { IpProtocol: "tcp", FromPort: ports.ssh, ToPort: ports.ssh, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    const group = { GroupId: await groupNamed("bastion"), IpPermissions: [open] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(group));
    try {
      await enforce();
      expect(await sshFromTheInternet()).toBe("SSH-");
    } finally {
      await ec2.send(new RevokeSecurityGroupIngressCommand(group));
      await enforce();
    }
  });
});

describe("a cluster without the rules for protocol 112", () => {
  it("has two masters, and one again as soon as the rules are back", async () => {
    await withoutRules(
      ({ IpProtocol }) => IpProtocol === String(vrrpProtocol),
      async () => {
        // Packets of flows that were allowed once still pass, as on AWS: only a reboot makes them forgotten.
        for (const proxy of proxies) await powerOff(proxy);
        for (const proxy of proxies) await powerOn(proxy);
        await until(async () => (await masters()).length === proxies.length, 90_000, "every proxy is a master");
      },
    );
    await until(async () => (await masters()).length === 1, 30_000, "one proxy is the master");
    await untilHealthy();
    await until(async () => (await masters()).join() === (await holder()).name, 30_000, "the master is the holder");
  });
});

describe("a cluster without the rules for the proxies' L7 port", () => {
  it("serves by the holder of the address alone", async () => {
    const served = await withoutRules(
      ({ FromPort }) => FromPort === ports.proxyL7,
      // Connections that were on their way to the other proxy when HAProxy leaves it out break.
      () => untilItWorks(nodesThatServe, 30_000),
    );
    expect(served.filter((name) => proxies.some((proxy) => proxy.name === name))).toEqual([(await holder()).name]);
    const everyone = [...proxies, ...registries].map(({ name }) => name).join();
    await until(async () => (await nodesThatServe()).join() === everyone, 60_000, "every proxy and registry serves");
  });
});

/** Exit code of curl for a connection that nobody took or refused. */
const curlTimeout = 28;

/** Runs a command on the bastion. */
async function exitCodeOf(...command: string[]): Promise<number | undefined> {
  const { exitCode } = await execa("docker", ["exec", bastion.container, ...command], { reject: false });
  return exitCode;
}

/** What the bastion's Elastic IP says on port 22 to a machine in the lab's internet, in 3 seconds. */
async function sshFromTheInternet(): Promise<string> {
  const image = await docker(["inspect", "--format", "{{.Config.Image}}", containerOf(lab.name, "aws")]);
  const listen = `exec 3<>/dev/tcp/${await addressOfBastion()}/${ports.ssh}; head -c 4 <&3`;
  const { stdout } = await execa(
    "docker",
    [
      ...["run", "--rm", "--network", networkOf(lab.name, "internet"), "--entrypoint", "timeout", image],
      ...["3", "bash", "-c", listen],
    ],
    { reject: false },
  );
  return stdout;
}

async function addressOfBastion(): Promise<string> {
  const text = await dockerExec(containerOf(lab.name, "aws"), ["cat", "/run/lab/addresses.json"]);
  const { addresses } = JSON.parse(text) as { addresses: { public_ip: string; private_ip: string | null }[] };
  return addresses.find(({ private_ip }) => private_ip === bastion.privateIp)?.public_ip as string;
}

/** Does something while the proxies' security group lacks some rules, in both directions. */
async function withoutRules<T>(lacks: (rule: IpPermission) => boolean, run: () => Promise<T>): Promise<T> {
  const GroupId = await groupNamed("proxies");
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
  const into = { GroupId, IpPermissions: SecurityGroups?.[0]?.IpPermissions?.filter(lacks) };
  const out = { GroupId, IpPermissions: SecurityGroups?.[0]?.IpPermissionsEgress?.filter(lacks) };
  expect(into.IpPermissions).not.toEqual([]);
  expect(out.IpPermissions).not.toEqual([]);
  await ec2.send(new RevokeSecurityGroupIngressCommand(into));
  await ec2.send(new RevokeSecurityGroupEgressCommand(out));
  await enforce();
  try {
    return await run();
  } finally {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(into));
    await ec2.send(new AuthorizeSecurityGroupEgressCommand(out));
    await enforce();
  }
}

async function groupNamed(name: string): Promise<string> {
  const filter = { Filters: [{ Name: "group-name", Values: [`${lab.name}-${name}`] }] };
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand(filter));
  return SecurityGroups?.[0]?.GroupId as string;
}

/** Puts the API's security groups around the machines. */
async function enforce(): Promise<void> {
  await enforceSecurityGroups(lab, await readAccount(ec2, lab.name), await instanceMachines(lab.name));
}
