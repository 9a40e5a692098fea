/** One permission of a policy. */
export interface Permission {
  /** What it is for, in letters and digits. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** @returns an IAM policy that allows these, as JSON. */
export function policyDocument(permissions: readonly Permission[]): string {
  const statements = permissions.map(({ sid, actions, resources }) => ({
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: resources,
  }));
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/**
 * @param condition what else must hold, in IAM's own form. @default - nothing
 * @returns the trust policy of a role that one AWS service may take on, as JSON.
 */
export function trustPolicy(service: string, condition?: object): string {
  const statement = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [condition ? { ...statement, Condition: condition } : statement],
  });
}
