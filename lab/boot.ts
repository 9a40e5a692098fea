import { hostAddress } from "../common/ipv4.ts";
import type { ClusterConfig } from "../config/schema.ts";
import { type AwsAddresses, awsPorts, untilAwsIsReady, writeSettings } from "./account/machine.ts";
import { bootAws, createNetworks, publishedPort, s3Address } from "./machines.ts";
import { machinePrivileges } from "./privileges.ts";
import type { LabPorts, LabState } from "./state.ts";

/** Ports on 127.0.0.1 that the operator chooses. */
export interface PublishedPorts {
  /** Leads to the registry's Elastic IP. */
  readonly httpsPort: number;
  /** Leads to the bastion's Elastic IP. */
  readonly sshPort: number;
}

export interface AwsOptions extends PublishedPorts {
  /** Seed of AWS's delays. @default - immediate, and without limits */
  readonly asOnAws?: number;
}

/** Creates the lab's networks and boots the AWS machine, with an empty account. */
export async function bootEmptyAws(
  config: ClusterConfig,
  image: string,
  { asOnAws, ...published }: AwsOptions,
  onProgress: (text: string) => void,
): Promise<LabState> {
  const lab = config.name;
  const privileges = await machinePrivileges(image);
  onProgress("networks");
  const addresses = await createAddresses(lab, config.network.cidr);
  onProgress("AWS machine");
  await bootAws(lab, image, privileges, {
    ...addresses,
    ports: [
      `${published.httpsPort}:${awsPorts.https}`,
      `${published.sshPort}:${awsPorts.ssh}`,
      `:${awsPorts.api}`,
      `:${awsPorts.s3}`,
      `:${awsPorts.proxy}`,
    ],
    volumes: await writeSettings(config, addresses, asOnAws),
  });
  const ports = await portsOf(lab, published);
  await untilAwsIsReady(lab);
  return {
    name: lab,
    region: config.region,
    domainName: config.domainName,
    ports,
    awsAddress: addresses.vpcAddress,
    s3Address: addresses.s3Address,
    ...(asOnAws === undefined ? {} : { asOnAws }),
    nodes: [],
    endpoints: [],
  };
}

async function createAddresses(lab: string, vpcCidr: string): Promise<AwsAddresses> {
  const internetCidr = await createNetworks(lab, vpcCidr);
  return {
    vpcCidr,
    // The resolver's address in every VPC: the base address plus two.
    vpcAddress: hostAddress(vpcCidr, 2),
    s3Address: s3Address(vpcCidr),
    internetCidr,
    internetAddress: hostAddress(internetCidr, 2),
  };
}

async function portsOf(lab: string, published: PublishedPorts): Promise<LabPorts> {
  return {
    https: published.httpsPort,
    ssh: published.sshPort,
    api: await publishedPort(lab, awsPorts.api),
    s3: await publishedPort(lab, awsPorts.s3),
    proxy: await publishedPort(lab, awsPorts.proxy),
  };
}
