import { Construct } from "constructs";
import type { ClusterConfig } from "../config/schema.ts";
import { type Role, roleEntry, rolesOf } from "../topology/roles.ts";
import { type ClusterNode, nodesOf } from "../topology/topology.ts";
import type { Account } from "./account.ts";
import { NodeRole } from "./node-role.ts";
import { readArchives, readBundle, readRollout, readSecrets, rightsOf, writeReports } from "./permissions.ts";
import type { Permission } from "./policy-document.ts";
import type { PrivateBucket } from "./private-bucket.ts";

export interface ClusterRolesProps {
  readonly config: ClusterConfig;
  readonly nodes: readonly ClusterNode[];
  readonly account: Account;
  /** The bucket in which the registry keeps its images. */
  readonly registryBucket: PrivateBucket;
  /** The bucket from which nodes fetch their configuration. */
  readonly provisioningBucket: PrivateBucket;
}

/** What each role may do on AWS. */
export class ClusterRoles extends Construct {
  private readonly roles: ReadonlyMap<Role, NodeRole>;

  constructor(scope: Construct, id: string, props: ClusterRolesProps) {
    super(scope, id);
    // one object for all roles, so that the policies of endpoints contain it only once
    const bundle = [...readBundle(props.provisioningBucket), ...readRollout(props.provisioningBucket)];
    this.roles = new Map(rolesOf(props.config).map((role) => [role, this.createRole(role, bundle, props)]));
  }

  /** @throws Error when the config has no such node */
  of(role: Role): NodeRole {
    const found = this.roles.get(role);
    if (!found) throw new Error(`the role '${role}' should be planned before it is asked for`);
    return found;
  }

  get all(): readonly NodeRole[] {
    return [...this.roles.values()];
  }

  private createRole(name: Role, bundle: readonly Permission[], props: ClusterRolesProps): NodeRole {
    const { config, nodes, account, provisioningBucket } = props;
    const { fetches, secrets, rights } = roleEntry(name);
    const role = new NodeRole(this, name, {
      name: `${config.name}-${config.region}-${name}`,
      permissionsBoundary: config.access.permissionsBoundaryArn,
    });
    role.grant("provisioning", [
      ...bundle,
      ...writeReports(provisioningBucket, nodesOf({ nodes }, name)),
      ...readArchives(provisioningBucket, fetches),
      ...(secrets.length > 0 ? readSecrets(account, config.name, name) : []),
    ]);
    for (const right of rights) role.grant(right, rightsOf[right](props));
    return role;
  }
}
