import { GetRolePolicyCommand, ListRolePoliciesCommand } from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, it } from "vitest";
import { seldomCalled } from "../../constructs/permissions.ts";
import { clientsOf } from "../../lab/account/machine.ts";
import { containerOf } from "../../lab/machines.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import type { Role } from "../../topology/roles.ts";
import { call, digestOf, lab, locationOf, pushBlob, withDigest } from "./support.ts";

/** A line of the log of the lab's AWS API. */
interface LoggedCall {
  readonly service: string;
  readonly action: string;
  /** A node's name. */
  readonly caller: string;
  readonly status: number;
}

const { iam } = clientsOf(lab);
let calls: LoggedCall[];

beforeAll(async () => {
  await useEveryPartOfTheApi();
  const log = await dockerExec(containerOf(lab.name, "aws"), ["cat", "/var/log/lab/api.jsonl"]);
  calls = log.split("\n").map((line) => JSON.parse(line));
});

const roles = [...new Set(lab.nodes.map(({ role }) => role))];

describe.each(roles)("the nodes of the role %s", (role) => {
  it("call AWS, and are refused nothing", () => {
    expect(callsOf(role).length).toBeGreaterThan(0);
    expect(callsOf(role).filter(({ status }) => status === 403)).toEqual([]);
  });

  it("may do what they do, and what has a reason besides, and no more", async () => {
    const used = new Set(callsOf(role).map(({ service, action }) => `${service}:${action}`));
    const allowed = await allowedActions(role);
    const unused = allowed.filter((action) => !used.has(action) && !(action in seldomCalled));
    expect(unused).toEqual([]);
  });
});

describe("every reason for an action that is seldom called", () => {
  it("is of an action that some role of a cluster may call", async () => {
    const allowed = await Promise.all(roles.map(allowedActions));
    // The lab's cluster encrypts with S3's own keys.
    const reasons = Object.keys(seldomCalled).filter((action) => !action.startsWith("kms:"));
    expect(reasons.filter((action) => !allowed.flat().includes(action))).toEqual([]);
  });
});

const callsOf = (role: Role) => {
  const names = new Set(lab.nodes.filter((node) => node.role === role).map(({ name }) => name));
  return calls.filter(({ caller }) => names.has(caller));
};

/** What the policies of a role, as they are in IAM, allow. */
async function allowedActions(role: Role): Promise<string[]> {
  const RoleName = `${lab.name}-${lab.region}-${role}`;
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const documents = await Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = "" } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: { Action: string[] }[] };
    }),
  );
  return documents.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action));
}

/** An image's life: pushed in one piece and in parts, read, listed, deleted. */
async function useEveryPartOfTheApi(): Promise<void> {
  const repository = "permissions/all";
  // Above the S3 driver's part size, so that the upload has parts.
  const big = await pushBlob(repository, 40 * 1024 * 1024);
  const config = await pushBlob(repository);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config, size: 64 * 1024 },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest: big, size: 40 * 1024 * 1024 }],
    }),
  );
  const type = "application/vnd.oci.image.manifest.v1+json";
  const put = await call("PUT", `/v2/${repository}/manifests/1`, manifest, { "content-type": type });
  expect(put.status).toBe(201);
  expect((await call("GET", `/v2/${repository}/manifests/1`, undefined, { accept: type })).status).toBe(200);
  expect((await call("GET", `/v2/${repository}/blobs/${big}`)).status).toBe(200);
  expect((await call("GET", `/v2/${repository}/tags/list`)).status).toBe(200);
  await pushInTwoPatches(repository);
  expect((await call("DELETE", `/v2/${repository}/manifests/${digestOf(manifest)}`)).status).toBe(202);
  expect((await call("DELETE", `/v2/${repository}/blobs/${big}`)).status).toBe(202);
}

async function pushInTwoPatches(repository: string): Promise<void> {
  const parts = [Buffer.alloc(12 * 1024 * 1024, "a"), Buffer.alloc(1024, "b")] as const;
  const begun = await call("POST", `/v2/${repository}/blobs/uploads/`);
  const first = await call("PATCH", locationOf(begun), parts[0], { "content-range": `0-${parts[0].length - 1}` });
  const range = `${parts[0].length}-${parts[0].length + parts[1].length - 1}`;
  const second = await call("PATCH", locationOf(first), parts[1], { "content-range": range });
  const done = await call("PUT", withDigest(locationOf(second), digestOf(Buffer.concat(parts))));
  expect(done.status).toBe(201);
}
