import { type EC2Client, type Instance, paginateDescribeInstanceTypes } from "@aws-sdk/client-ec2";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { askInstances } from "./ask-instances.ts";
import { askLimit } from "./ask-limit.ts";
import type { Vcpus } from "./facts.ts";
import { isStandard, vcpuQuota } from "./quotas.ts";
import { isOfCluster } from "./tags.ts";

/** Asks for the quota of virtual CPUs, how many are in use, and how many an instance of each of these types has. */
export async function askVcpus(
  ec2: EC2Client,
  quotas: ServiceQuotasClient,
  cluster: string,
  types: readonly string[],
): Promise<Vcpus> {
  const [limit, instances, byType] = await Promise.all([
    askLimit(quotas, vcpuQuota),
    askRunning(ec2),
    askVcpusOfTypes(ec2, types),
  ]);
  const sum = (some: readonly Instance[]) => some.reduce((total, instance) => total + vcpusOf(instance), 0);
  return {
    limit,
    inUse: sum(instances),
    ofCluster: sum(instances.filter(({ Tags }) => isOfCluster(Tags, cluster))),
    byType,
  };
}

/** Every instance that counts towards the quota. */
async function askRunning(ec2: EC2Client): Promise<Instance[]> {
  const running = await askInstances(ec2, [{ Name: "instance-state-name", Values: ["pending", "running"] }]);
  return running.filter(
    ({ InstanceType, InstanceLifecycle }) => isStandard(InstanceType) && InstanceLifecycle !== "spot",
  );
}

async function askVcpusOfTypes(ec2: EC2Client, types: readonly string[]): Promise<Map<string, number>> {
  const vcpus = new Map<string, number>();
  // A filter, because AWS would refuse all types for one that does not exist.
  const Filters = [{ Name: "instance-type", Values: [...types] }];
  for await (const { InstanceTypes = [] } of paginateDescribeInstanceTypes({ client: ec2 }, { Filters })) {
    for (const { InstanceType = "", VCpuInfo } of InstanceTypes) {
      if (isStandard(InstanceType)) vcpus.set(InstanceType, VCpuInfo?.DefaultVCpus ?? 0);
    }
  }
  return vcpus;
}

const vcpusOf = ({ CpuOptions: { CoreCount = 0, ThreadsPerCore = 1 } = {} }: Instance) => CoreCount * ThreadsPerCore;
