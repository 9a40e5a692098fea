import { type Plan, type PlannedResource, resourcesOf } from "../plan/synthesized-plan.ts";

/** Public IPv4 addresses that instances have of their own, besides the plan's Elastic IPs. */
export interface OwnAddresses {
  readonly instances: readonly PlannedResource[];
  /** How many of the instances have one at any time. */
  readonly count: number;
}

/**
 * AWS bills every public IPv4 address by the hour, in use or not. It gives one to each instance in a subnet that maps
 * public addresses, and takes it back while an Elastic IP is associated with the instance. So
 *
 * - an instance whose Elastic IP is in the plan (the bastion) has none of its own;
 * - an Elastic IP that the plan binds to nothing (the service address) is with one of the other instances: of these,
 *   all but one have their own. After a failover, the former holder gets one some minutes later.
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
