import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateFlowLogsCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  RunInstancesCommand,
  type Tag,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureSecrets } from "../../access/secrets.ts";
import { askAddress, askMachines } from "../../operate/check/ask-cluster.ts";
import { type CheckOptions, check } from "../../operate/check/check.ts";
import type { Clients } from "../../operate/preflight/ask-aws.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { minimalConfig } from "../unit/config/minimal.ts";
import { clientsOf, type Moto, startMoto } from "./moto.ts";

const region = "eu-west-1";
const config = minimalConfig();
const topology = planTopology(config);
const buckets = [config.storage.bucket, topology.provisioningBucket];

/** One story: each step begins with what the ones before have left. */
describe("a check of a deployed cluster", () => {
  let moto: Moto;
  let clients: Clients;
  let server: Server;

  beforeAll(async () => {
    moto = await startMoto();
    clients = clientsOf(moto.endpoint);
    await deploy();
    server = await startRegistry();
  }, 600_000);
  afterAll(async () => {
    server?.close();
    await moto?.stop();
  });

  const tags = (role: string, ...more: Tag[]) => [
    { Key: "Cluster", Value: config.name },
    { Key: "Role", Value: role },
    ...more,
  ];

  /** What Terraform would make, as far as the check looks at it. */
  async function deploy(): Promise<void> {
    const { ec2 } = clients;
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: config.network.cidr }));
    const VpcId = Vpc?.VpcId as string;
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.80.0.0/20" }));
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
    for (const { name, role } of topology.nodes) {
      await ec2.send(
        new RunInstancesCommand({
          ...{ ImageId: Images[0]?.ImageId, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1 },
          SubnetId: Subnet?.SubnetId,
          TagSpecifications: [{ ResourceType: "instance", Tags: tags(role, { Key: "Node", Value: name }) }],
        }),
      );
    }
    await ec2.send(
      new AllocateAddressCommand({
        Domain: "vpc",
        TagSpecifications: [{ ResourceType: "elastic-ip", Tags: tags("service-address") }],
      }),
    );
    for (const bucket of buckets) await createBucket(bucket);
    // in moto, a log group would need a client of its own
    const logs = {
      TrafficType: "REJECT",
      LogDestinationType: "s3",
      LogDestination: `arn:aws:s3:::${buckets[0]}`,
    } as const;
    await ec2.send(new CreateFlowLogsCommand({ ResourceIds: [VpcId], ResourceType: "VPC", ...logs }));
    await ensureSecrets({ store: clients.store, config, addresses: [] });
  }

  async function createBucket(Bucket: string): Promise<void> {
    const s3 = clients.s3(region);
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: "AES256" } as const;
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault }] };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    const blocked = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true };
    const PublicAccessBlockConfiguration = { ...blocked, RestrictPublicBuckets: true };
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    const NoncurrentVersionExpiration = { NoncurrentDays: config.storage.restorableDays };
    const rule = { ID: "all", Status: "Enabled", Filter: { Prefix: "" }, NoncurrentVersionExpiration } as const;
    const LifecycleConfiguration = { Rules: [rule] };
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
  }

  /** Has the cluster's certificate, and lets one user in. */
  async function startRegistry(): Promise<Server> {
    const secret = (key: string) => clients.store.get(`/registry-cluster/${config.name}/proxy/${key}`);
    const [key, cert] = [await secret("server-key"), await secret("server-certificate")];
    const answer = ({ url, headers }: IncomingMessage, response: ServerResponse) => {
      const isUser = headers.authorization === `Basic ${Buffer.from("ci:correct").toString("base64")}`;
      response.writeHead(url === "/v2/" ? (isUser ? 200 : 401) : 404).end();
    };
    const started = createServer({ key, cert }, answer).listen(0, "127.0.0.1");
    await new Promise((resolve) => started.once("listening", resolve));
    return started;
  }

  const at = () => ({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const results = (options: Partial<CheckOptions> = {}) => check(config, clients, { at: at(), ...options });
  const outcomes = async (options?: Partial<CheckOptions>) =>
    Object.fromEntries((await results(options)).map(({ name, outcome }) => [name, outcome]));
  const saidOf = async (name: string, options?: Partial<CheckOptions>) =>
    (await results(options)).filter((result) => result.name === name).map(({ outcome, says }) => `${outcome}: ${says}`);

  it("notices that nobody has the service address, and finds the rest right", async () => {
    expect(await outcomes({ login: "ci:correct" })).toEqual({
      credentials: "ok",
      machines: "ok",
      "status checks": "ok",
      // this moto does not know the quota
      "quota of vCPUs": "failed",
      "service address": "failed",
      "moving the address": "ok",
      "flow logs": "ok",
      [`bucket ${buckets[0]}`]: "ok",
      [`bucket ${buckets[1]}`]: "ok",
      secrets: "ok",
      certificate: "ok",
      "without a login": "ok",
      login: "ok",
    });
  }, 60_000);

  it("asks by a dry run whether the address may move, and does not move it", async () => {
    await results();
    expect(await saidOf("service address")).toEqual([expect.stringMatching(/^failed: nobody has /)]);
  }, 60_000);

  it("names the proxy that has the service address", async () => {
    const address = await askAddress(clients.ec2, config.name);
    const move = { AllocationId: address?.allocationId, InstanceId: await machineOf("proxy-2") };
    await clients.ec2.send(new AssociateAddressCommand(move));
    expect(await saidOf("service address")).toEqual([expect.stringMatching(/^ok: proxy-2 has \d/)]);
  }, 60_000);

  it("refuses a registry with a certificate of another CA, and asks it nothing", async () => {
    const other = minimalConfig({ name: "other" });
    await ensureSecrets({ store: clients.store, config: other, addresses: [] });
    const found = await check(other, clients, { at: at(), login: "ci:correct" });
    expect(found.filter(({ name }) => /^(certificate|login|without a login)$/.test(name))).toMatchObject([
      { name: "certificate", outcome: "failed", says: expect.stringContaining("no TLS connection to 127.0.0.1:") },
    ]);
  }, 60_000);

  it("refuses a registry whose certificate is for another name", async () => {
    const other = { ...config, domainName: "elsewhere.example.internal" };
    const [certificate] = (await check(other, clients, { at: at() })).filter(({ name }) => name === "certificate");
    expect(certificate?.says).toContain("Host: elsewhere.example.internal. is not in the cert's altnames");
  }, 60_000);

  it("says when a login is refused, and never its password", async () => {
    const found = await results({ login: "ci:wrong-password" });
    expect(found).toContainEqual(expect.objectContaining({ name: "login", outcome: "failed", says: "refused (401)" }));
    expect(JSON.stringify(found)).not.toContain("wrong-password");
  }, 60_000);

  it("names a machine that is gone, and a registry that does not answer", async () => {
    await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [await machineOf("registry-1")] }));
    expect(await saidOf("machines")).toEqual(["failed: registry-1 does not exist"]);
    expect(await saidOf("certificate", { at: { host: "127.0.0.1", port: 1 } })).toEqual([
      expect.stringMatching(/^failed: no TLS connection to 127\.0\.0\.1:1: .*nothing listens there$/),
    ]);
  }, 60_000);

  async function machineOf(node: string): Promise<string> {
    return (await askMachines(clients.ec2, config.name)).find((machine) => machine.node === node)?.instanceId as string;
  }
});
