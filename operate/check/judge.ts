import { secretsOfNodes } from "../../topology/names.ts";
import type { Topology } from "../../topology/topology.ts";
import { plannedVcpus } from "../preflight/quotas.ts";
import type { BucketSettings, ClusterFacts } from "./facts.ts";
import { judgeRegistry } from "./judge-registry.ts";
import { each, failed, judged, ok, type Result, skipped } from "./results.ts";

const deploy = "npx cdktf deploy";

/** Judges one thing. */
type Check = (topology: Topology, facts: ClusterFacts) => Result[];

/** Judges a deployed cluster, in the order in which its parts depend on each other. */
export function judge(topology: Topology, facts: ClusterFacts): Result[] {
  const { account, arn } = facts.identity;
  return [
    { name: "credentials", ...ok(`${arn}, account ${account}`) },
    ...checks.flatMap((check) => check(topology, facts)),
    ...judgeRegistry(facts),
  ];
}

const machinesRun: Check = ({ nodes }, { machines, statuses }) =>
  judged("machines", "ec2:DescribeInstances", machines, (found) => {
    const wrong = nodes.flatMap(({ name }) => {
      const machine = found.find(({ node }) => node === name);
      if (!machine) return [failed(`${name} does not exist`, deploy)];
      if (machine.state === "running") return [];
      const start = `aws ec2 start-instances --instance-ids ${machine.instanceId}`;
      return [failed(`${name} is ${machine.state}`, start)];
    });
    return each(wrong, `${nodes.length} run: ${nodes.map(({ name }) => name).join(", ")}`);
  }).concat(
    judged("status checks", "ec2:DescribeInstanceStatus", statuses, (byId) => {
      const known = "value" in machines ? machines.value : [];
      const wrong = known.flatMap(({ node, instanceId }) => {
        const { system, instance } = byId.get(instanceId) ?? { system: "ok", instance: "ok" };
        if (system === "ok" && instance === "ok") return [];
        const found = `${node}: system ${system}, instance ${instance}`;
        if ([system, instance].includes("initializing")) return [skipped(found, "check again in some minutes")];
        return [failed(found, "see what happened on it, or replace it: docs/operation.md")];
      });
      if (byId.size === 0) return skipped("no machine runs");
      return each(wrong, `passed by ${byId.size} machines`);
    }),
  );

const addressIsServed: Check = (_, { address, machines }) =>
  judged("service address", "ec2:DescribeAddresses", address, (found) => {
    if (!found) return failed("there is none", deploy);
    const { publicIp, instanceId } = found;
    const troubleshoot = "see the EIP keepers' logs on the proxies: docs/troubleshooting.md";
    if (!instanceId) return failed(`nobody has ${publicIp}`, troubleshoot);
    if ("refusal" in machines) return skipped(`${instanceId} has ${publicIp}; whether it is a proxy is unknown`);
    const holder = machines.value.find((machine) => machine.instanceId === instanceId);
    if (holder?.role === "proxy") return ok(`${holder.node} has ${publicIp}`);
    return failed(`${holder?.node || instanceId} has ${publicIp}, and is no proxy of the cluster`, troubleshoot);
  });

const addressCanMove: Check = (_, { dryRun }) => {
  const name = "moving the address";
  if (!dryRun) return [{ name, ...skipped("there is no address, or no proxy to move it to") }];
  return judged(name, "ec2:AssociateAddress", dryRun, (answer) =>
    answer === "accepted"
      ? ok("AWS would accept it from these credentials (a dry run)")
      : skipped(
          "these credentials may not, which says nothing about the proxies",
          "try it on a proxy: docs/first-deployment.md has the command",
        ),
  );
};

const flowLogsArrive: Check = ({ config }, { flowLogs }) => {
  const name = "flow logs";
  if (config.network.flowLogs === "none") return [{ name, ...skipped("network.flowLogs is none") }];
  return judged(name, "ec2:DescribeFlowLogs", flowLogs, ([log]) => {
    if (!log) return failed("there are none", deploy);
    const found = `${log.status}, delivery ${log.delivery ?? "not known yet"}`;
    if (log.status !== "ACTIVE" || log.delivery === "FAILED") {
      return failed(log.error ? `${found} (${log.error})` : found, "look for what forbids their role to write logs");
    }
    if (!log.delivery) return skipped(found, "check again in ten minutes");
    return ok(found);
  });
};

const bucketsAreClosed: Check = ({ config }, { buckets }) =>
  Object.entries(buckets).flatMap(([bucket, answer]) =>
    judged(`bucket ${bucket}`, bucketActions, answer, (settings) => {
      if (!settings) return failed("there is no such bucket", deploy);
      return each(
        wrongSettings(settings, config.storage).map((what) => failed(what, `${deploy}, after a look at its diff`)),
        `versioned, encrypted, not public, old versions kept for ${config.storage.restorableDays} days`,
      );
    }),
  );

const bucketActions =
  "s3:GetBucketVersioning, GetEncryptionConfiguration, GetBucketPublicAccessBlock and GetLifecycleConfiguration";

function wrongSettings(
  settings: BucketSettings,
  { kmsKeyArn, restorableDays }: Topology["config"]["storage"],
): string[] {
  const encryption = kmsKeyArn ? "aws:kms" : "AES256";
  return [
    ...(settings.versioning === "Enabled" ? [] : ["its objects are not versioned"]),
    ...(settings.encryption === encryption ? [] : [`encryption is ${settings.encryption ?? "off"}, not ${encryption}`]),
    ...(settings.kmsKey === kmsKeyArn ? [] : [`the key is ${settings.kmsKey ?? "S3's"}, not ${kmsKeyArn ?? "S3's"}`]),
    ...(settings.isPublicAccessBlocked ? [] : ["public access is not blocked"]),
    ...(settings.restorableDays === restorableDays
      ? []
      : [`old versions are kept for ${settings.restorableDays ?? "any number of"} days, not for ${restorableDays}`]),
  ];
}

const quotaHasRoom: Check = ({ nodes }, { vcpus }) =>
  judged("quota of vCPUs", "servicequotas:GetServiceQuota", vcpus, ({ limit, inUse, ofCluster, byType }) => {
    const needed = plannedVcpus(nodes, byType);
    const left = limit - (inUse - ofCluster);
    const found = `others leave ${left} of ${limit}, and the cluster needs ${needed}`;
    if (left >= needed) return ok(found);
    return failed(
      `${found}: a lost machine could not be replaced`,
      "npx registry-cluster preflight says how to ask for more",
    );
  });

const secretsExist: Check = ({ config }, { secrets }) =>
  judged("secrets", "ssm:GetParametersByPath", secrets, (known) => {
    const needed = secretsOfNodes(config);
    const missing = needed.filter((path) => !known.includes(path));
    if (missing.length > 0) return failed(`missing in SSM: ${missing.join(", ")}`, "npx registry-cluster access init");
    return ok(`${needed.length} in SSM`);
  });

const checks: readonly Check[] = [
  machinesRun,
  quotaHasRoom,
  addressIsServed,
  addressCanMove,
  flowLogsArrive,
  bucketsAreClosed,
  secretsExist,
];
