/** One permission of a policy. */
export interface Permission {
  /** Its purpose, in letters and digits only. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Further conditions. @default - none */
  readonly condition?: Condition;
}

/** In IAM's own form: an operator, a key of the request, and the allowed values. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** @returns an IAM policy that allows these, as JSON. */
export function policyDocument(permissions: readonly Permission[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: permissions.map(statementOf) });
}

/** @returns the policy of a VPC endpoint that allows these for any principal, as JSON. */
export function endpointPolicy(permissions: readonly Permission[]): string {
  const statements = permissions.map((permission) => {
    // several roles have permissions with the same id, which must be unique within a policy
    const { Sid: _, ...statement } = statementOf(permission);
    return { ...statement, Principal: "*" };
  });
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

function statementOf({ sid, actions, resources, condition }: Permission) {
  const statement = { Sid: sid, Effect: "Allow", Action: actions, Resource: resources };
  return condition ? { ...statement, Condition: condition } : statement;
}

/**
 * @param condition - further conditions. @default - none
 * @returns the trust policy of a role that one AWS service may assume, as JSON.
 */
export function trustPolicy(service: string, condition?: Condition): string {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [condition ? { ...statement, Condition: condition } : statement],
  });
}
