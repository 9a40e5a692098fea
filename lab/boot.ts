import { hostAddress } from "../config/addresses.ts";
import { serviceAddressRole, tagKeys } from "../config/names.ts";
import type { ClusterConfig } from "../config/schema.ts";
import type { Role } from "../config/topology.ts";
import { type AwsAddresses, awsPorts, clientsOf, untilAwsIsReady, writeSettings } from "./aws/machine.ts";
import { seed } from "./aws/seed.ts";
import { LabError } from "./errors.ts";
import type { LabImages } from "./images.ts";
import { bootAws, bootNode, containerOf, createNetworks, publishedPort } from "./machines.ts";
import { type Attributes, type Plan, type PlannedResource, resourcesOf } from "./plan.ts";
import { infrastructureHash } from "./plan-source.ts";
import { machinePrivileges } from "./privileges.ts";
import { packetRules } from "./security-groups.ts";
import type { LabNode, LabPorts, LabState } from "./state.ts";

/** An AWS that has all that the plan says, and whose instances can be switched on. */
export interface BootedAws {
  readonly state: LabState;
  bootNodes(): Promise<void>;
}

/** Makes the lab's networks, boots the machine that plays AWS, and creates in it what the plan says. */
export async function boot(
  config: ClusterConfig,
  plan: Plan,
  images: LabImages,
  published: { readonly httpsPort: number; readonly sshPort: number },
  onProgress: (text: string) => void,
): Promise<BootedAws> {
  const lab = config.name;
  const privileges = await machinePrivileges(images.aws);
  onProgress("networks");
  const addresses = await createAddresses(lab, plan);
  onProgress("machine that plays AWS");
  await bootAws(lab, images.aws, privileges, {
    ...addresses,
    ports: [
      `${published.httpsPort}:${awsPorts.https}`,
      `${published.sshPort}:${awsPorts.ssh}`,
      `:${awsPorts.api}`,
      `:${awsPorts.s3}`,
    ],
    volumes: await writeSettings(config, addresses),
  });
  const aws = { name: lab, region: config.region, ports: await portsOf(lab, published) };
  await untilAwsIsReady(lab);
  onProgress("resources of the plan");
  const known = await seed(clientsOf(aws), plan);

  const instances = resourcesOf(plan, "aws_instance");
  const nodes = instances.map((instance) => nodeOf(lab, instance, known));
  const state: LabState = {
    ...aws,
    domainName: config.domainName,
    serviceAddress: serviceAddressOf(plan, known),
    nodes,
    infrastructureHash: infrastructureHash(plan),
  };
  const internet = { aws: addresses.vpcAddress, internetCidr: addresses.internetCidr };
  const bootOne = (instance: PlannedResource, node: LabNode) =>
    bootNode(lab, node, images, privileges, addresses.vpcAddress, packetRules(plan, known, instance.address, internet));
  return {
    state,
    bootNodes: async () => {
      const boots = await Promise.allSettled(
        instances.map((instance, index) => bootOne(instance, nodes[index] as LabNode)),
      );
      // Only now that none is still being made can everything be found and removed.
      for (const boot of boots) if (boot.status === "rejected") throw boot.reason;
    },
  };
}

async function createAddresses(lab: string, plan: Plan): Promise<AwsAddresses> {
  const [vpc] = resourcesOf(plan, "aws_vpc");
  const vpcCidr = String(vpc?.properties.cidr_block);
  const internetCidr = await createNetworks(lab, vpcCidr);
  return {
    vpcCidr,
    // Where every VPC has its resolver: the base address plus two.
    vpcAddress: hostAddress(vpcCidr, 2),
    internetCidr,
    internetAddress: hostAddress(internetCidr, 2),
  };
}

async function portsOf(lab: string, published: { httpsPort: number; sshPort: number }): Promise<LabPorts> {
  return {
    https: published.httpsPort,
    ssh: published.sshPort,
    api: await publishedPort(lab, awsPorts.api),
    s3: await publishedPort(lab, awsPorts.s3),
  };
}

function nodeOf(lab: string, { address, properties }: PlannedResource, known: Attributes): LabNode {
  const tags = properties.tags as Readonly<Record<string, string>>;
  const name = must(tags[tagKeys.node], `${address} has no tag ${tagKeys.node}`);
  return {
    name,
    role: must(tags[tagKeys.role], `${address} has no tag ${tagKeys.role}`) as Role,
    instanceId: must(known.get(address)?.id, `${address} was not created`),
    privateIp: String(properties.private_ip),
    container: containerOf(lab, name),
  };
}

function serviceAddressOf(plan: Plan, known: Attributes): string {
  const address = resourcesOf(plan, "aws_eip").find(
    ({ properties }) => (properties.tags as Record<string, string>)[tagKeys.role] === serviceAddressRole,
  );
  return must(address && known.get(address.address)?.public_ip, "the plan has no service address");
}

function must<T>(value: T | undefined, problem: string): T {
  if (value === undefined) throw new LabError(problem);
  return value;
}
