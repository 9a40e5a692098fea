import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AllocateAddressCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
} from "@aws-sdk/client-ec2";
import { CreateInstanceProfileCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureSecrets } from "../../access/secrets.ts";
import { askAccount, askIdentity, type Clients, isRegionDisabled } from "../../operate/preflight/ask-aws.ts";
import { judge } from "../../operate/preflight/checks.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { type Changes, minimalConfig } from "../unit/config/minimal.ts";
import { clientsOf, type Moto, startMoto } from "./moto.ts";

const region = "eu-west-1";

describe("what moto's AWS says", () => {
  let moto: Moto;
  let clients: ReturnType<typeof clientsOf>;
  let ami: string;

  beforeAll(async () => {
    moto = await startMoto();
    clients = clientsOf(moto.endpoint);
  }, 600_000);
  beforeEach(async () => {
    await moto.reset();
    const { Images } = await clients.ec2.send(
      new DescribeImagesCommand({ Filters: [{ Name: "architecture", Values: ["x86_64"] }] }),
    );
    ami = Images?.find(({ ImageId = "" }) => /^ami-[0-9a-f]{8,17}$/.test(ImageId))?.ImageId as string;
  }, 60_000);
  afterAll(() => moto.stop());

  const amis = () => ({ "bastion.ami": ami, "registries.ami": ami, "proxies.ami": ami });
  const createBucket = (bucket: string, inRegion = region) =>
    clients.s3(inRegion).send(
      new CreateBucketCommand({
        Bucket: bucket,
        ...(inRegion === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }),
      }),
    );

  async function findings(changes: Changes = {}, hasLocalState = true) {
    const config = minimalConfig({ ...amis(), ...changes });
    const topology = planTopology(config);
    const identity = await askIdentity(clients, config.region);
    if ("refusal" in identity) throw new Error(identity.refusal.words);
    const account = await askAccount(clients, topology, identity.value.account);
    return judge(topology, {
      identity,
      isRegionDisabled: false,
      account,
      archives: [],
      hasLocalState,
    });
  }

  it("is that a cluster whose secrets are made can be deployed", async () => {
    await ensureSecrets({ store: clients.store, config: minimalConfig(), addresses: [] });
    const { problems, passed } = await findings();
    expect(problems).toEqual([]);
    expect(passed).toContain("secrets: all in SSM");
  });

  it("is every problem of a wrong config at once", async () => {
    const { problems } = await findings({
      "network.zones": ["eu-west-1a", "eu-west-1z"],
      "bastion.ami": "ami-0123456789abcdef0",
      "proxies.instanceType": "t9.micro",
      "backend.s3": { bucket: "no-such-states" },
    });
    expect(problems.map(({ path, subject }) => path || subject).sort()).toEqual([
      "backend.s3.bucket",
      "bastion.ami",
      "network.zones[1]",
      "proxies.instanceType",
      "registries.instanceType",
      "secrets",
    ]);
  });

  it("is that roles and instance profiles have the names of those that the cluster would create", async () => {
    const RoleName = "registry-eu-west-1-flow-logs";
    await clients.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: "{}" }));
    await clients.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "registry-eu-west-1-proxy" }));
    const { problems } = await findings({}, false);
    expect(problems).toContainEqual(
      expect.objectContaining({
        path: "name",
        problem: expect.stringMatching(
          /: role registry-eu-west-1-flow-logs, instance profile registry-eu-west-1-proxy$/,
        ),
      }),
    );
    expect((await findings()).problems.map(({ path }) => path)).not.toContain("name");
  });

  it("is how many VPCs are left, without that of the cluster", async () => {
    const subjects = async () => (await findings()).problems.map(({ subject }) => subject);
    expect(await subjects()).not.toContain("VPCs");
    for (let i = 0; i < 3; i++) await clients.ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    const { Vpc } = await clients.ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    expect(await subjects()).toContain("VPCs");
    const Tags = [{ Key: "Cluster", Value: "registry" }];
    await clients.ec2.send(new CreateTagsCommand({ Resources: [Vpc?.VpcId as string], Tags }));
    expect(await subjects()).not.toContain("VPCs");
  });

  it("is which buckets this account has", async () => {
    await createBucket("registry-images");
    const { passed } = await findings();
    expect(passed).toContain("bucket: registry-images is this account's");
    expect(passed).toContain("bucket: registry-images-provisioning is free");
  });

  it("is that a bucket is in another region", async () => {
    await createBucket("registry-images", "us-east-1");
    const { problems } = await findings();
    expect(problems).toContainEqual(
      expect.objectContaining({ path: "storage.bucket", problem: "a bucket of this name is in us-east-1" }),
    );
  });

  it("is whether the state is in its bucket", async () => {
    const state = { "backend.s3": { bucket: "states" } };
    await createBucket("states");
    const paths = async () => (await findings(state)).problems.map(({ path }) => path);
    expect(await paths()).toContain("backend.s3");
    const object = { Bucket: "states", Key: "registry-cluster/registry.tfstate", Body: "{}" };
    await clients.s3(region).send(new PutObjectCommand(object));
    expect(await paths()).not.toContain("backend.s3");
  });

  it("is how many Elastic IPs are left, without those of the cluster", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { AllocationId = "" } = await clients.ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
      ids.push(AllocationId);
    }
    const subjects = async () => (await findings()).problems.map(({ subject }) => subject);
    expect(await subjects()).toContain("Elastic IPs");
    const Tags = [{ Key: "Cluster", Value: "registry" }];
    await clients.ec2.send(new CreateTagsCommand({ Resources: ids.slice(0, 2), Tags }));
    expect(await subjects()).not.toContain("Elastic IPs");
  });
});

describe("what AWS answers to bad credentials", () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let clients: Clients;

  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    clients = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const errorOfSts = (code: string) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(403, { "content-type": "text/xml" });
    response.end(
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>words</Message></Error></ErrorResponse>`,
    );
  };

  it.each([
    ["ExpiredToken", "expired"],
    ["InvalidClientTokenId", "unknown credentials"],
    ["SignatureDoesNotMatch", "unknown credentials"],
  ])("is recognized: %s", async (code, kind) => {
    answer = errorOfSts(code);
    expect(await askIdentity(clients, region)).toEqual({ refusal: { kind, words: `${code}: words` } });
  });

  it("is told apart from a region that is not enabled, where only another region knows them", async () => {
    answer = (request, response) => {
      if (!request.headers.authorization?.includes("/us-east-1/"))
        return errorOfSts("InvalidClientTokenId")(request, response);
      response.writeHead(200, { "content-type": "text/xml" });
      response.end(
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>A</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    };
    const identity = await askIdentity(clients, region);
    expect(await isRegionDisabled(clients, identity)).toBe(true);
    answer = errorOfSts("InvalidClientTokenId");
    expect(await isRegionDisabled(clients, identity)).toBe(false);
  });

  it("is that nobody answers, where there is nobody", async () => {
    const nobody = clientsOf("http://127.0.0.1:1");
    expect(await askIdentity(nobody, region)).toMatchObject({ refusal: { kind: "unreachable" } });
  });

  it("is a bucket that may not be seen, for a name that another account has", async () => {
    answer = (_, response) => response.writeHead(403, { "x-amz-bucket-region": region }).end();
    const topology = planTopology(minimalConfig());
    const { registryBucket } = await askAccount(clients, topology, "1");
    expect(registryBucket).toEqual({ value: "hidden" });
  });

  it("is what the policy lacks, where something may not be asked", async () => {
    answer = (request, response) => {
      if (request.headers["x-amz-target"]) {
        response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify({ __type: "AccessDeniedException", message: "You are not authorized" }));
        return;
      }
      response.writeHead(403, { "content-type": "text/xml" });
      response.end(
        "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized</Message></Error></Errors><RequestID>1</RequestID></Response>",
      );
    };
    const { zones, secrets } = await askAccount(clients, planTopology(minimalConfig()), "1");
    expect(zones).toMatchObject({ refusal: { kind: "denied" } });
    expect(secrets).toMatchObject({ refusal: { kind: "denied" } });
  });
});

describe("an AWS that takes a request and never answers", () => {
  it("is not waited for without a word, nor for ever", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const env = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_MAX_ATTEMPTS: "1",
      CLUSTER_CONFIG: "",
    };
    try {
      const { exitCode, stderr } = await execa(process.execPath, ["cli/bin.js", "preflight"], { env, reject: false });
      expect(stderr).toMatch(/^asking AWS in eu-west-1 \[2s\]$/m);
      expect(stderr).toMatch(/: region: AWS does not answer there \(no answer came in time\)/);
      expect(exitCode).toBe(1);
    } finally {
      silent.close();
      silent.closeAllConnections();
    }
  });
});
