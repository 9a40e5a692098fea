import { mustGet } from "../../access/recorded-secrets.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { secretPath } from "../../topology/names.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { ports } from "../../topology/ports.ts";
import type { Topology } from "../../topology/topology.ts";
import { answerOf, together } from "../preflight/answers.ts";
import { askIdentity, askSecrets, type Clients } from "../preflight/ask-aws.ts";
import { askVcpus } from "../preflight/ask-vcpus.ts";
import type { Answer, Identity } from "../preflight/facts.ts";
import { problem } from "../preflight/problems.ts";
import { askBucket } from "./ask-bucket.ts";
import { askAddress, askDryRun, askFlowLogs, askMachines, askStatuses } from "./ask-cluster.ts";
import { askRegistry } from "./ask-registry.ts";
import type { Address, ClusterFacts, Machine, RegistryFacts } from "./facts.ts";
import { judge } from "./judge.ts";
import type { Result } from "./results.ts";

export interface CheckOptions {
  /** Where to reach the registry. @default - the service address, at port 443 */
  readonly at?: { readonly host: string; readonly port: number };
  /** `user:password`, to try. @default - none */
  readonly login?: string;
}

/** Checks a deployed cluster. Changes nothing. */
export async function check(config: ClusterConfig, clients: Clients, options: CheckOptions): Promise<Result[]> {
  const topology = planTopology(config);
  const identity = await askIdentity(clients, config.region);
  if ("refusal" in identity) {
    const { problem: says, fix } = problem.refused(config.region, "sts:GetCallerIdentity", identity.refusal);
    return [{ name: "credentials", outcome: "failed", says, fix }];
  }
  return judge(topology, await askAll(topology, clients, identity.value, options));
}

async function askAll(
  topology: Topology,
  clients: Clients,
  identity: Identity,
  { at, login }: CheckOptions,
): Promise<ClusterFacts> {
  const { config, nodes, provisioningBucket } = topology;
  const { ec2, quotas, store } = clients;
  const [address, machines] = await Promise.all([
    answerOf(() => askAddress(ec2, config.name)),
    answerOf(() => askMachines(ec2, config.name)),
  ]);
  const existing = known(machines) ?? [];
  const s3 = clients.s3(config.region);
  const bucket = (name: string) => answerOf(() => askBucket(s3, name));
  const place = at ?? placeOf(known(address));
  const others = await together<Omit<ClusterFacts, "now" | "identity" | "address" | "machines" | "buckets">>({
    statuses: answerOf(() => askStatuses(ec2, existing)),
    dryRun: dryRun(clients, known(address), existing),
    flowLogs: answerOf(() => askFlowLogs(ec2, existing)),
    vcpus: answerOf(() => askVcpus(ec2, quotas, config.name, [...new Set(nodes.map((node) => node.instanceType))])),
    secrets: answerOf(() => askSecrets(store, config)),
    registry: askPlace(),
  });
  const buckets = await together({
    [config.storage.bucket]: bucket(config.storage.bucket),
    [provisioningBucket]: bucket(provisioningBucket),
  });
  return { now: new Date(), identity, address, machines, buckets, ...others };

  async function askPlace(): Promise<Answer<RegistryFacts> | undefined> {
    if (!place) return undefined;
    return answerOf(async () => {
      const caCertificate = await mustGet(store, secretPath(config.name, "operator", "ca-certificate"));
      return askRegistry({ ...place, domainName: config.domainName, caCertificate, login });
    });
  }
}

const known = <Value>(answer: Answer<Value>): Value | undefined => ("value" in answer ? answer.value : undefined);

const placeOf = (address?: Address) => address && { host: address.publicIp, port: ports.https };

/** Prefers the proxy that has the address: even a real call would change nothing there. */
async function dryRun({ ec2 }: Clients, address: Address | undefined, machines: readonly Machine[]) {
  const proxies = machines.filter(({ role, state }) => role === "proxy" && state === "running");
  const proxy = proxies.find(({ instanceId }) => instanceId === address?.instanceId) ?? proxies[0];
  return address && proxy ? answerOf(() => askDryRun(ec2, address, proxy)) : undefined;
}
