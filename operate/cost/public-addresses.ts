import { type Plan, type PlannedResource, resourcesOf } from "../plan/synthesized-plan.ts";

/** Automatic public IPv4 addresses of instances, besides the plan's Elastic IPs. */
export interface OwnAddresses {
  readonly instances: readonly PlannedResource[];
  /** How many of the instances have one at the same time. */
  readonly count: number;
}

/**
 * AWS bills every public IPv4 address by the hour, in use or not. It gives one to each instance in a subnet that maps
 * public addresses, and takes it back while an Elastic IP is associated with the instance. So
 *
 * - an instance whose Elastic IP is in the plan (the bastion) has no automatic address;
 * - an Elastic IP that the plan associates with nothing (the service address) is on one of the other instances: all but
 *   one of these have an automatic address. After a failover, the former holder gets one some minutes later.
 */
export function ownAddresses(plan: Plan): OwnAddresses {
  const associations = resourcesOf(plan, "aws_eip_association");
  const mapping = resourcesOf(plan, "aws_subnet").filter(
    ({ properties }) => properties.map_public_ip_on_launch === true,
  );
  const instances = resourcesOf(plan, "aws_instance")
    .filter(({ properties }) => mapping.some((subnet) => refersTo(properties.subnet_id, subnet)))
    .filter((instance) => !associations.some(({ properties }) => refersTo(properties.instance_id, instance)));

  const bound = [...associations, ...resourcesOf(plan, "aws_nat_gateway")];
  const unbound = resourcesOf(plan, "aws_eip").filter(
    (eip) => !bound.some(({ properties }) => refersTo(properties.allocation_id, eip)),
  );
  return { instances, count: Math.max(0, instances.length - unbound.length) };
}

function refersTo(value: unknown, { address }: PlannedResource): boolean {
  return typeof value === "string" && value.startsWith(`\${${address}.`);
}
