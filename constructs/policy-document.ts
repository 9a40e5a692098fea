/** One permission of a policy. */
export interface Permission {
  /** What it is for, in letters and digits. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** What else must hold. @default - nothing */
  readonly condition?: Condition;
}

/** In IAM's own form: an operator, a key of the request, and the values that are let through. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** @returns an IAM policy that allows these, as JSON. */
export function policyDocument(permissions: readonly Permission[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: permissions.map(statementOf) });
}

/** @returns the policy of a VPC endpoint that lets these through, whoever asks, as JSON. */
export function endpointPolicy(permissions: readonly Permission[]): string {
  const statements = permissions.map((permission) => {
    // roles have permissions of the same name, which one policy may not have twice
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
 * @param condition - what else must hold. @default - nothing
 * @returns the trust policy of a role that one AWS service may take on, as JSON.
 */
export function trustPolicy(service: string, condition?: Condition): string {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [condition ? { ...statement, Condition: condition } : statement],
  });
}
