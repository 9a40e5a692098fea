import { OperatorError } from "../common/errors.ts";
import type { LabImages } from "../machines/docker/bake.ts";
import type { Role } from "../topology/roles.ts";
import type { Account, AccountInstance } from "./account/account.ts";
import { convergeAll } from "./converge.ts";
import {
  bootNode,
  containerOf,
  type InstanceMachine,
  instanceMachines,
  removeContainers,
  replacePacketRules,
  switchOn,
} from "./machines.ts";
import { machinePrivileges } from "./privileges.ts";
import { packetRules } from "./security-groups.ts";
import type { LabNode, LabState } from "./state.ts";

/**
 * Makes the lab's machines match the account: boots new instances, switches on those that are off, removes machines of
 * terminated ones, and applies the account's security groups. Then every node converges.
 *
 * @returns the lab with its nodes.
 * @throws OperatorError if the account has no instance, or a node does not converge.
 */
export async function bootAccount(
  lab: LabState,
  account: Account,
  images: (roles: readonly Role[], onProgress: (text: string) => void) => Promise<LabImages>,
  onProgress: (text: string) => void,
): Promise<LabState> {
  if (account.instances.length === 0) {
    throw new OperatorError(`the cluster '${lab.name}' has no instances`, {
      cause: "its deployment has failed half-way, or it was destroyed",
      fix: "npx cdktf deploy, until npx cdktf diff shows no changes",
    });
  }
  const machines = await instanceMachines(lab.name);
  const machineOf = ({ instanceId }: AccountInstance) => machines.find((machine) => machine.instanceId === instanceId);
  const wanted = new Set(account.instances.map(machineOf));
  await removeContainers(machines.filter((machine) => !wanted.has(machine)).map(({ container }) => container));

  const old = account.instances.filter(machineOf);
  const fresh = account.instances.filter((instance) => !machineOf(instance));
  await enforceSecurityGroups(lab, account, machines);
  for (const instance of old) await switchOn(machineOf(instance) as InstanceMachine);
  // Only for new machines: after a change of packages, a running cluster must not wait for images that it does not boot.
  if (fresh.length > 0) {
    const roles = fresh.map(({ role }) => role);
    await bootAll(lab, account, fresh, await images(roles, onProgress));
  }

  await convergeAll(lab.name, nodesOf(lab, old), "again", onProgress);
  await convergeAll(lab.name, nodesOf(lab, fresh), "first boot", onProgress);
  const endpoints = account.endpoints.map(({ privateIp, zone }) => ({ privateIp, zone }));
  return { ...lab, serviceAddress: account.serviceAddress, endpoints, nodes: nodesOf(lab, account.instances) };
}

/** Applies the account's current security groups to every existing machine. */
export async function enforceSecurityGroups(
  lab: LabState,
  account: Account,
  machines: readonly InstanceMachine[],
): Promise<void> {
  for (const machine of machines) {
    const instance = account.instances.find(({ instanceId }) => instanceId === machine.instanceId);
    if (instance) await replacePacketRules(machine, packetRules(account, instance, lab));
  }
}

async function bootAll(
  lab: LabState,
  account: Account,
  instances: readonly AccountInstance[],
  images: LabImages,
): Promise<void> {
  const privileges = await machinePrivileges(images.aws);
  const boots = await Promise.allSettled(
    instances.map((instance) =>
      bootNode(lab, nodeOf(lab, instance), images, privileges, packetRules(account, instance, lab)),
    ),
  );
  // Throw only now: while a container is still being created, it cannot be found and removed.
  for (const boot of boots) if (boot.status === "rejected") throw boot.reason;
}

const nodesOf = (lab: LabState, instances: readonly AccountInstance[]) =>
  instances.map((instance) => nodeOf(lab, instance));

function nodeOf(lab: LabState, { name, role, instanceId, privateIp, zone }: AccountInstance): LabNode {
  return { name, role, instanceId, privateIp, zone, container: containerOf(lab.name, name) };
}
