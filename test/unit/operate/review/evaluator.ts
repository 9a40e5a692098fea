import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";

/** What stands in the policies' placeholders. */
export const filledIn = {
  ACCOUNT: "111122223333",
  REGION: "eu-west-1",
  NAME: "registry",
  BUCKET: "registry-example-internal",
  STATE_BUCKET: "example-internal-terraform-state",
  VPC: "vpc-0123456789abcdef0",
  SUBJECT: "repo:example/cluster",
  KMS_KEY: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
};

/** A policy as an operator fills it in. */
export function policy(name: string, values: Partial<typeof filledIn> = {}): { readonly Statement: readonly object[] } {
  let text = readFileSync(`operate/review/policies/${name}.json`, "utf8");
  for (const [key, value] of Object.entries({ ...filledIn, ...values })) text = text.replaceAll(`\${${key}}`, value);
  return JSON.parse(text);
}

/** One resource of a call, and what AWS knows about it and the request. */
export interface Target {
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | string[]>>;
}

/** A call of AWS's API: all of its targets must be allowed. */
export interface Call {
  readonly action: string;
  readonly targets: readonly Target[];
}

/**
 * @param boundary - policy that bounds the caller
 * @returns the targets of a call that are not allowed, by IAM's rules.
 */
export async function refused(call: Call, policies: readonly object[], boundary?: object): Promise<string[]> {
  const found = await Promise.all(
    call.targets.map(async (target) =>
      (await isAllowed(call.action, target, policies, boundary)) ? [] : target.resource,
    ),
  );
  return found.flat();
}

/** Keys, and roles that are assumed, have a policy too: here one that leaves all to the account's own policies. */
const trustingAccount = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${filledIn.ACCOUNT}:root` },
      Action: ["kms:*", "sts:*"],
      Resource: "*",
    },
  ],
};

async function isAllowed(
  action: string,
  { resource, context }: Target,
  policies: readonly object[],
  boundary?: object,
): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        action,
        principal: `arn:aws:iam::${filledIn.ACCOUNT}:role/someone`,
        resource: { resource, accountId: filledIn.ACCOUNT },
        contextVariables: { "aws:RequestedRegion": resource.split(":")[3] || filledIn.REGION, ...context },
      },
      identityPolicies: policies.map((policy, i) => ({ name: `policy-${i}`, policy })),
      ...(boundary ? { permissionBoundaryPolicies: [{ name: "boundary", policy: boundary }] } : {}),
      ...(/^(kms|sts):/.test(action) ? { resourcePolicy: trustingAccount } : {}),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType === "error") throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  if (result.resultType === "single" && result.result.ignoredContextKeys?.length)
    throw new Error(`${action} on ${resource} knows no ${result.result.ignoredContextKeys.join()}`);
  return result.overallResult === "Allowed";
}
