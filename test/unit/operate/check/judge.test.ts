import { describe, expect, it } from "vitest";
import type { BucketSettings, ClusterFacts, Machine, RegistryFacts } from "../../../../operate/check/facts.ts";
import { judge } from "../../../../operate/check/judge.ts";
import { formatResults } from "../../../../operate/check/report.ts";
import { planTopology } from "../../../../topology/plan-topology.ts";
import { type Changes, minimalConfig } from "../../config/minimal.ts";

const topology = planTopology(minimalConfig());
const machines: Machine[] = topology.nodes.map(({ name, role }) => ({
  node: name,
  role,
  instanceId: `i-${name}`,
  interfaceId: `eni-${name}`,
  vpcId: "vpc-1",
  state: "running",
}));
const statuses = new Map(machines.map(({ instanceId }) => [instanceId, { system: "ok", instance: "ok" }]));
const bucket: BucketSettings = {
  versioning: "Enabled",
  encryption: "AES256",
  isPublicAccessBlocked: true,
  restorableDays: 30,
};
const registry: RegistryFacts = {
  place: "203.0.113.7:443",
  certificate: { validTo: new Date("2030-02-01") },
  anonymous: 401,
  withLogin: 200,
};

/** A cluster that works. */
const facts: ClusterFacts = {
  now: new Date("2030-01-01"),
  identity: { account: "111122223333", arn: "arn:aws:iam::111122223333:user/operator" },
  address: { value: { publicIp: "203.0.113.7", allocationId: "eipalloc-1", instanceId: "i-proxy-2" } },
  machines: { value: machines },
  statuses: { value: statuses },
  dryRun: { value: "accepted" },
  flowLogs: { value: [{ status: "ACTIVE", delivery: "SUCCESS" }] },
  buckets: { "registry-images": { value: bucket } },
  vcpus: { value: { limit: 32, inUse: 14, ofCluster: 10, byType: new Map([["t3.micro", 2]]) } },
  secrets: {
    value: ["proxy/server-key", "proxy/server-certificate", "registry/http-secret", "registry/htpasswd"].map(
      (path) => `/registry-cluster/registry/${path}`,
    ),
  },
  registry: { value: registry },
};

const results = (changes: Partial<ClusterFacts> = {}, config: Changes = {}) =>
  judge(planTopology(minimalConfig(config)), { ...facts, ...changes });
/** What is not ok, with these changes. */
const wrong = (changes: Partial<ClusterFacts>, config: Changes = {}) =>
  results(changes, config)
    .filter(({ outcome }) => outcome !== "ok")
    .map(({ name, outcome, says }) => [name, outcome, says]);
const denied = { refusal: { kind: "denied", words: "UnauthorizedOperation: no" } } as const;

it("a cluster that works passes every check, and each says what it found", () => {
  expect(formatResults(results())).toBe(
    [
      "ok      credentials: arn:aws:iam::111122223333:user/operator, account 111122223333",
      "ok      machines: 5 run: bastion, registry-1, registry-2, proxy-1, proxy-2",
      "ok      status checks: passed by 5 machines",
      "ok      quota of vCPUs: others leave 28 of 32, and the cluster needs 10",
      "ok      service address: proxy-2 has 203.0.113.7",
      "ok      moving the address: AWS would accept it from these credentials (a dry run)",
      "ok      flow logs: ACTIVE, delivery SUCCESS",
      "ok      bucket registry-images: versioned, encrypted, not public, old versions kept for 30 days",
      "ok      secrets: 4 in SSM",
      "ok      certificate: that of 203.0.113.7:443 has 31 days left, and is signed by the cluster's CA",
      "ok      without a login: refused (401)",
      "ok      login: accepted (200)",
      "",
      "12 ok, 0 failed, 0 skipped",
    ].join("\n"),
  );
});

it("what fails is followed by how to mend it, and what is skipped by how to check it", () => {
  const text = formatResults(
    results({ secrets: { value: [] }, registry: { value: { ...registry, withLogin: undefined } } }),
  );
  expect(text).toMatch(/^failed {2}secrets: missing in SSM: .*\n {8}mend: npx registry-cluster access init$/m);
  expect(text).toMatch(/^skipped login: no user was named\n {8}to check it: --user NAME/m);
  expect(text).toMatch(/^10 ok, 1 failed, 1 skipped$/m);
});

it("what these credentials may not ask is skipped, and any other refusal is a failure", () => {
  const unreachable = { refusal: { kind: "unreachable", words: "no answer came in time" } } as const;
  expect(wrong({ flowLogs: denied })).toEqual([
    ["flow logs", "skipped", "these credentials may not ask (UnauthorizedOperation: no)"],
  ]);
  expect(wrong({ flowLogs: unreachable })).toEqual([
    ["flow logs", "failed", "AWS did not answer ec2:DescribeFlowLogs (no answer came in time)"],
  ]);
});

describe("a machine", () => {
  const [bastion, ...others] = machines as [Machine, ...Machine[]];

  it("must exist", () => {
    expect(wrong({ machines: { value: others } })).toEqual([["machines", "failed", "bastion does not exist"]]);
  });

  it("must run", () => {
    const stopped = { value: [{ ...bastion, state: "stopped" }, ...others] };
    expect(wrong({ machines: stopped })).toEqual([["machines", "failed", "bastion is stopped"]]);
  });

  it.each([
    ["impaired", "failed"],
    ["initializing", "skipped"],
  ])("whose status check is %s has %s", (status, outcome) => {
    const changed = new Map([...statuses, ["i-bastion", { system: "ok", instance: status }]]);
    expect(wrong({ statuses: { value: changed } })).toEqual([
      ["status checks", outcome, `bastion: system ok, instance ${status}`],
    ]);
  });
});

describe("the service address", () => {
  const address = { publicIp: "203.0.113.7", allocationId: "eipalloc-1" };

  it.each([
    ["must exist", undefined, "there is none"],
    ["must be at somebody", address, "nobody has 203.0.113.7"],
    [
      "must be at a proxy",
      { ...address, instanceId: "i-registry-1" },
      "registry-1 has 203.0.113.7, and is no proxy of the cluster",
    ],
  ])("%s", (_, value, says) => {
    expect(wrong({ address: { value } })).toEqual([["service address", "failed", says]]);
  });

  it("that these credentials may not move says nothing about the proxies", () => {
    expect(wrong({ dryRun: { value: "forbidden" } })).toEqual([
      ["moving the address", "skipped", "these credentials may not, which says nothing about the proxies"],
    ]);
  });
});

describe("flow logs", () => {
  it("must be delivered, and AWS's reason is named", () => {
    const log = { status: "ACTIVE", delivery: "FAILED", error: "Access error" };
    expect(wrong({ flowLogs: { value: [log] } })).toEqual([
      ["flow logs", "failed", "ACTIVE, delivery FAILED (Access error)"],
    ]);
  });

  it("of which AWS does not know yet are checked later", () => {
    expect(wrong({ flowLogs: { value: [{ status: "ACTIVE" }] } })).toEqual([
      ["flow logs", "skipped", "ACTIVE, delivery not known yet"],
    ]);
  });

  it("must exist, unless the config wants none", () => {
    expect(wrong({ flowLogs: { value: [] } })).toEqual([["flow logs", "failed", "there are none"]]);
    expect(wrong({ flowLogs: { value: [] } }, { "network.flowLogs": "none" })).toEqual([
      ["flow logs", "skipped", "network.flowLogs is none"],
    ]);
  });
});

describe("a bucket", () => {
  it.each<[Partial<BucketSettings>, string]>([
    [{ versioning: "Suspended" }, "its objects are not versioned"],
    [{ encryption: undefined }, "encryption is off, not AES256"],
    [{ kmsKey: "arn:aws:kms:other" }, "the key is arn:aws:kms:other, not S3's"],
    [{ isPublicAccessBlocked: false }, "public access is not blocked"],
    [{ restorableDays: 7 }, "old versions are kept for 7 days, not for 30"],
  ])("must have the planned settings: %j", (changes, says) => {
    expect(wrong({ buckets: { images: { value: { ...bucket, ...changes } } } })).toEqual([
      ["bucket images", "failed", says],
    ]);
  });

  it("must exist", () => {
    expect(wrong({ buckets: { images: { value: undefined } } })).toEqual([
      ["bucket images", "failed", "there is no such bucket"],
    ]);
  });
});

it("a quota that leaves too little for the cluster is a failure: a lost machine could not be replaced", () => {
  const vcpus = { value: { limit: 12, inUse: 13, ofCluster: 10, byType: new Map([["t3.micro", 2]]) } };
  expect(wrong({ vcpus })).toEqual([
    [
      "quota of vCPUs",
      "failed",
      "others leave 9 of 12, and the cluster needs 10: a lost machine could not be replaced",
    ],
  ]);
});

describe("the registry", () => {
  const seen = (changes: Partial<RegistryFacts>) => wrong({ registry: { value: { ...registry, ...changes } } });

  it("must have a certificate of the cluster's CA for its name; nothing else is asked without one", () => {
    const certificate = { refusal: "self-signed certificate" };
    expect(seen({ certificate, anonymous: undefined, withLogin: undefined })).toEqual([
      ["certificate", "failed", "no TLS connection to 203.0.113.7:443: self-signed certificate"],
    ]);
  });

  it("must have a certificate with two weeks left", () => {
    expect(seen({ certificate: { validTo: new Date("2030-01-14") } })).toEqual([
      ["certificate", "failed", expect.stringContaining("has 13 days left")],
    ]);
    expect(seen({ certificate: { validTo: new Date("2030-01-15") } })).toEqual([]);
  });

  it("must let nobody in without a login", () => {
    expect(seen({ anonymous: 200 })).toEqual([["without a login", "failed", "/v2/ gives 200, not 401"]]);
    expect(seen({ anonymous: "no answer" })).toEqual([["without a login", "failed", "/v2/ gives no answer, not 401"]]);
  });

  it("must let a user in", () => {
    expect(seen({ withLogin: 401 })).toEqual([["login", "failed", "refused (401)"]]);
    expect(seen({ withLogin: 502 })).toEqual([["login", "failed", "/v2/ gives 502, not 200"]]);
  });

  it("cannot be asked without an address", () => {
    expect(wrong({ registry: undefined })).toEqual([["registry", "skipped", "there is no service address to ask"]]);
  });
});
