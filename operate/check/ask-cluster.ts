import {
  AssociateAddressCommand,
  DescribeAddressesCommand,
  DescribeFlowLogsCommand,
  type EC2Client,
  type Filter,
  type Instance,
  paginateDescribeInstanceStatus,
} from "@aws-sdk/client-ec2";
import { tagKeys } from "../../config/derived-names.ts";
import { serviceAddressRole } from "../../topology/names.ts";
import { askInstances } from "../preflight/ask-instances.ts";
import type { Address, DryRun, FlowLog, Machine, StatusChecks } from "./facts.ts";

const ofCluster = (cluster: string): Filter => ({ Name: `tag:${tagKeys.cluster}`, Values: [cluster] });

export async function askAddress(ec2: EC2Client, cluster: string): Promise<Address | undefined> {
  const Filters = [ofCluster(cluster), { Name: `tag:${tagKeys.role}`, Values: [serviceAddressRole] }];
  const { Addresses: [address] = [] } = await ec2.send(new DescribeAddressesCommand({ Filters }));
  if (!address) return undefined;
  const { PublicIp = "", AllocationId = "", InstanceId } = address;
  return { publicIp: PublicIp, allocationId: AllocationId, instanceId: InstanceId || undefined };
}

export async function askMachines(ec2: EC2Client, cluster: string): Promise<Machine[]> {
  const states = ["pending", "running", "stopping", "stopped"];
  const instances = await askInstances(ec2, [ofCluster(cluster), { Name: "instance-state-name", Values: states }]);
  return instances.map(machineOf);
}

function machineOf({ InstanceId = "", Tags = [], State, NetworkInterfaces = [], VpcId = "" }: Instance): Machine {
  const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value ?? "";
  return {
    node: tag(tagKeys.node),
    role: tag(tagKeys.role),
    instanceId: InstanceId,
    interfaceId: NetworkInterfaces[0]?.NetworkInterfaceId ?? "",
    vpcId: VpcId,
    state: State?.Name ?? "unknown",
  };
}

export async function askStatuses(ec2: EC2Client, machines: readonly Machine[]): Promise<Map<string, StatusChecks>> {
  const InstanceIds = machines.map(({ instanceId }) => instanceId);
  const statuses = new Map<string, StatusChecks>();
  if (InstanceIds.length === 0) return statuses;
  for await (const { InstanceStatuses = [] } of paginateDescribeInstanceStatus({ client: ec2 }, { InstanceIds })) {
    for (const { InstanceId = "", SystemStatus, InstanceStatus } of InstanceStatuses) {
      const [system, instance] = [SystemStatus?.Status ?? "unknown", InstanceStatus?.Status ?? "unknown"];
      statuses.set(InstanceId, { system, instance });
    }
  }
  return statuses;
}

/** Asks whether the address could be moved to a machine. It stays where it is. */
export async function askDryRun(ec2: EC2Client, { allocationId }: Address, machine: Machine): Promise<DryRun> {
  const AllocationId = allocationId;
  const NetworkInterfaceId = machine.interfaceId;
  try {
    await ec2.send(
      new AssociateAddressCommand({ AllocationId, NetworkInterfaceId, AllowReassociation: true, DryRun: true }),
    );
    throw new Error("AWS answered a dry run as if it had moved the address");
  } catch (error) {
    const { name } = error as Error;
    if (name === "DryRunOperation") return "accepted";
    if (name === "UnauthorizedOperation") return "forbidden";
    throw error;
  }
}

export async function askFlowLogs(ec2: EC2Client, machines: readonly Machine[]): Promise<FlowLog[]> {
  const vpcs = [...new Set(machines.map(({ vpcId }) => vpcId))];
  if (vpcs.length === 0) return [];
  const { FlowLogs = [] } = await ec2.send(
    new DescribeFlowLogsCommand({ Filter: [{ Name: "resource-id", Values: vpcs }] }),
  );
  return FlowLogs.map(({ FlowLogStatus = "unknown", DeliverLogsStatus, DeliverLogsErrorMessage }) => ({
    status: FlowLogStatus,
    delivery: DeliverLogsStatus,
    error: DeliverLogsErrorMessage,
  }));
}
