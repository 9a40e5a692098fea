import { Construct } from "constructs";
import type { ClusterConfig } from "../config/schema.ts";
import type { Role } from "../topology/topology.ts";
import type { Account } from "./account.ts";
import { NodeRole } from "./node-role.ts";
import { readBundle, readImage, readPrograms, readSecrets, seeAddresses, storeImages } from "./permissions.ts";
import type { PrivateBucket } from "./private-bucket.ts";

export interface ClusterRolesProps {
  readonly config: ClusterConfig;
  readonly account: Account;
  /** Where the registry keeps its images. */
  readonly registryBucket: PrivateBucket;
  /** From where nodes fetch their configuration. */
  readonly provisioningBucket: PrivateBucket;
}

/** What each kind of node may do on AWS. */
export class ClusterRoles extends Construct {
  readonly bastion: NodeRole;
  readonly registry: NodeRole;
  readonly proxy: NodeRole;
  /** Where the config wants a builder. */
  readonly builder?: NodeRole;

  constructor(scope: Construct, id: string, props: ClusterRolesProps) {
    super(scope, id);
    const { config, account, registryBucket, provisioningBucket } = props;
    const createRole = (kind: Role) =>
      new NodeRole(this, kind, {
        name: `${config.name}-${config.region}-${kind}`,
        permissionsBoundary: config.access.permissionsBoundaryArn,
      });

    const bundle = readBundle(provisioningBucket);

    this.bastion = createRole("bastion");
    this.bastion.grant("provisioning", bundle);

    this.registry = createRole("registry");
    this.registry.grant("provisioning", [
      ...bundle,
      ...readImage(provisioningBucket),
      ...readSecrets(account, config.name, "registry"),
    ]);
    this.registry.grant("storage", storeImages(registryBucket, config.storage.prefix));

    this.proxy = createRole("proxy");
    this.proxy.grant("provisioning", [...bundle, ...readSecrets(account, config.name, "proxy")]);
    this.proxy.grant("service-address", seeAddresses());

    if (!config.builder.enabled) return;
    this.builder = createRole("builder");
    this.builder.grant("provisioning", [
      ...bundle,
      ...readPrograms(provisioningBucket),
      ...readSecrets(account, config.name, "builder"),
    ]);
  }

  get all(): readonly NodeRole[] {
    return [this.bastion, this.registry, this.proxy, ...(this.builder ? [this.builder] : [])];
  }
}
