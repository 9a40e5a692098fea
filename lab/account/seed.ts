import { OperatorError } from "../../common/errors.ts";
import { bucketSettingTypes } from "../../operate/plan/bucket-settings.ts";
import { type Attributes, type Plan, resolve } from "../../operate/plan/synthesized-plan.ts";
import { accountId, type Clients, type Creators, type Known, type Properties } from "./creators/creator.ts";
import { identity } from "./creators/identity.ts";
import { instances } from "./creators/instances.ts";
import { network } from "./creators/network.ts";
import { securityGroups } from "./creators/security-groups.ts";
import { storage } from "./creators/storage.ts";

/**
 * Creates the plan's resources in the lab's AWS, as Terraform would: one after another, each with the ids of those before it.
 *
 * @param existing attributes of resources that exist already.
 * @returns what is known of each resource, by its address in the plan.
 */
export async function seed(
  clients: Clients,
  plan: Plan,
  existing: Attributes = new Map(),
): Promise<Map<string, Known>> {
  const attributes = new Map([...account, ...existing]);
  for (const resource of plan.resources) {
    const create = creators[resource.type];
    if (!create) {
      if (notModelled.has(resource.type)) continue;
      throw new OperatorError(`the lab does not support ${resource.address}`, {
        fix: "add it to lab/account/creators/, or list it in lab/account/seed.ts as not modelled",
      });
    }
    attributes.set(
      resource.address,
      await create(clients, resolve(resource.properties, attributes) as Properties, plan),
    );
  }
  return attributes;
}

/** What a plan may read from an empty account. */
const account: [string, Known][] = [
  ["data.aws_caller_identity.current", { account_id: accountId }],
  ["data.aws_partition.current", { partition: "aws" }],
];

/** Types that matter to AWS but that no lab node can see, or that the lab provides itself. */
export const notModelled: ReadonlySet<string> = new Set([
  "aws_cloudwatch_log_group",
  "aws_default_security_group",
  "aws_flow_log",
  "aws_internet_gateway",
  "aws_nat_gateway",
  "aws_route",
  "aws_route_table_association",
  ...bucketSettingTypes,
]);

const creators: Creators = { ...network, ...securityGroups, ...identity, ...instances, ...storage };

/** Resource types that become API calls. */
export const modelledTypes: readonly string[] = Object.keys(creators);
