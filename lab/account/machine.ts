import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { Accounts } from "../../access/accounts.ts";
import type { SecretStore } from "../../access/secret-store.ts";
import { firstUser } from "../../access/secrets.ts";
import { SsmSecretStore } from "../../access/ssm-secret-store.ts";
import { buildGoProgram, type GoProgram } from "../../artifacts/go-program.ts";
import { registryImage } from "../../artifacts/registry-image.ts";
import { OperatorError } from "../../common/errors.ts";
import { interrupted } from "../../common/interrupt.ts";
import { hostAddress } from "../../common/ipv4.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { vcpuQuota } from "../../operate/preflight/quotas.ts";
import { serviceAddressRole } from "../../topology/names.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { ports } from "../../topology/ports.ts";
import { seeLog } from "../logs.ts";
import { containerOf, serviceStates } from "../machines.ts";
import { type LabPorts, labFolder } from "../state.ts";
import { issueAwsCertificate } from "./authority.ts";
import type { Clients } from "./creators/creator.ts";

/** Ports of the AWS machine, inside the lab. */
export const awsPorts = { https: 8443, ssh: 2222, api: 5000, s3: 7070, proxy: 3128 } as const;

/** What is needed to talk to the AWS of a lab from the laptop. */
export interface LabAws {
  readonly name: string;
  readonly region: string;
  readonly ports: LabPorts;
}

/** Addresses of the AWS machine. */
export interface AwsAddresses {
  readonly vpcCidr: string;
  readonly vpcAddress: string;
  readonly s3Address: string;
  readonly internetCidr: string;
  readonly internetAddress: string;
}

/** A real S3 server that stores objects in a folder. */
export const s3Server: GoProgram = {
  packagePath: "github.com/versity/versitygw/cmd/versitygw",
  version: "v1.8.0",
  goVersion: registryImage.goVersion,
};

/** @returns path of the S3 server's program. */
export function ensureS3Server(onProgress: (text: string) => void): Promise<string> {
  return buildGoProgram(s3Server, { onProgress, signal: interrupted });
}

/** Writes the settings of the AWS machine. @returns what to mount where. */
export async function writeSettings(
  config: ClusterConfig,
  addresses: AwsAddresses,
  asOnAws: number | undefined,
): Promise<string[]> {
  const folder = join(labFolder(config.name), "aws");
  mkdirSync(folder, { recursive: true });
  const [operator, expired] = [newAccessKey(), newAccessKey()];
  const files = operatorFiles(config.name);
  writeFileSync(files.json, JSON.stringify(operator), { mode: 0o600 });
  writeFileSync(files.credentials, profile("default", operator) + profile("expired", expired), { mode: 0o600 });
  const settings = {
    REGION: config.region,
    VPC_CIDR: addresses.vpcCidr,
    VPC_ADDRESS: addresses.vpcAddress,
    S3_ADDRESS: addresses.s3Address,
    INTERNET_CIDR: addresses.internetCidr,
    INTERNET_ADDRESS: addresses.internetAddress,
    ELASTIC_IP_POOL: addresses.internetCidr.replace("0/24", "128/25"),
    OPERATOR_ACCESS_KEY_ID: operator.accessKeyId,
    OPERATOR_SECRET_ACCESS_KEY: operator.secretAccessKey,
    EXPIRED_ACCESS_KEY_ID: expired.accessKeyId,
    AMIS: [...new Set(planTopology(config).nodes.map(({ ami }) => ami))].join(),
    DOMAIN: config.domainName,
    AS_ON_AWS_SEED: asOnAws ?? "",
    PUBLISHED_PORTS: [
      `${awsPorts.https}=${serviceAddressRole}:${ports.https}${clientIn(config.access.clientCidrs)}`,
      `${awsPorts.ssh}=bastion:${ports.ssh}${clientIn(config.access.sshCidrs)}`,
    ].join(" "),
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(folder, "cloud.env"), lines.join(""), { mode: 0o600 });
  await issueAwsCertificate(config.region, join(folder, "tls"));
  return [`${folder}/cloud.env:/etc/lab/cloud.env:ro`, `${folder}/tls:/etc/lab/tls:ro`];
}

/** Gives the laptop, as a client, the first address that the config allows, so that the security groups let it in. */
function clientIn([cidr]: readonly string[]): string {
  if (cidr === undefined || cidr === "0.0.0.0/0") return "";
  return `@${cidr.endsWith("/32") ? cidr.replace("/32", "") : hostAddress(cidr, 1)}`;
}

/** Waits until every service of the AWS machine is ready. */
export async function untilAwsIsReady(lab: string): Promise<void> {
  const services = ["lab-api", "lab-s3", "lab-dns", "lab-front", "lab-proxy"];
  const container = containerOf(lab, "aws");
  let states: string[] = [];
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(300)) {
    interrupted.throwIfAborted();
    states = await serviceStates(container, services);
    if (states.length > 0 && states.every((state) => state === "active")) return;
  }
  throw new OperatorError("the lab's AWS is not ready after 60 s", {
    cause: `${services.join(", ")}: ${states.join(", ") || "no answer"}`,
    ...(await seeLog(lab, "aws")),
  });
}

/** Clients of the lab's AWS, as the owner of the account. */
export function clientsOf(lab: LabAws): Clients {
  const shared = { region: lab.region, credentials: operatorOf(lab.name) };
  const api = { ...shared, endpoint: `http://127.0.0.1:${lab.ports.api}` };
  return {
    ec2: new EC2Client(api),
    iam: new IAMClient(api),
    buckets: new S3Client({ ...api, forcePathStyle: true }),
    objects: new S3Client({ ...shared, endpoint: `http://127.0.0.1:${lab.ports.s3}`, forcePathStyle: true }),
  };
}

/** Gives the account as many virtual CPUs as any plan needs: only deployments by Terraform are limited by the quota. */
export async function liftVcpuQuota(lab: LabAws): Promise<void> {
  const client = new ServiceQuotasClient({
    region: lab.region,
    credentials: operatorOf(lab.name),
    endpoint: `http://127.0.0.1:${lab.ports.api}`,
  });
  const { service, code } = vcpuQuota;
  const more = { ServiceCode: service, QuotaCode: code, DesiredValue: 100_000 };
  await client.send(new RequestServiceQuotaIncreaseCommand(more));
}

/** The lab's parameter store. */
export function secretStoreOf(lab: LabAws): SecretStore {
  return new SsmSecretStore(
    new SSMClient({
      region: lab.region,
      credentials: operatorOf(lab.name),
      endpoint: `http://127.0.0.1:${lab.ports.api}`,
    }),
  );
}

/** Name and password of the user that every cluster starts with. */
export async function operatorLogin(lab: LabAws): Promise<{ user: string; password: string }> {
  return { user: firstUser, password: await new Accounts(secretStoreOf(lab), lab.name).password(firstUser) };
}

/** Credentials of the account's owner, as JSON and as a file for AWS's tools. The latter also has a profile `expired`. */
export const operatorFiles = (lab: string) => ({
  json: join(labFolder(lab), "aws", "operator.json"),
  credentials: join(labFolder(lab), "aws", "credentials"),
});

interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function newAccessKey(): AccessKey {
  return {
    accessKeyId: `LAB${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString("hex"),
  };
}

const profile = (name: string, { accessKeyId, secretAccessKey }: AccessKey) =>
  `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;

const operatorOf = (lab: string): AccessKey => JSON.parse(readFileSync(operatorFiles(lab).json, "utf8"));
