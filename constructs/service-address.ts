import { Eip } from "@cdktf/provider-aws/lib/eip";
import { Construct } from "constructs";
import { serviceAddressRole } from "../topology/names.ts";
import { skipChecks } from "./scanner-skip.ts";
import { roleTags } from "./tags.ts";

export interface ServiceAddressProps {
  readonly cluster: string;
}

/**
 * The one public address of the registry.
 *
 * Not associated with a proxy on purpose: keepalived decides which proxy holds it, and the EIP keeper
 * moves it. With an association in the plan, every apply after a failover would move the address back. It depends on nothing of the
 * network, so it can outlive the rest of the cluster.
 */
export class ServiceAddress extends Construct {
  readonly eip: Eip;

  constructor(scope: Construct, id: string, props: ServiceAddressProps) {
    super(scope, id);
    this.eip = new Eip(this, "eip", {
      domain: "vpc",
      tags: roleTags(props.cluster, serviceAddressRole, serviceAddressRole),
    });
    // clients' DNS names point to it, so renaming a construct must not release it
    this.eip.overrideLogicalId("service_address");
    skipChecks(this.eip, {
      CKV2_AWS_19:
        "It is attached to the proxy that serves, by the proxies themselves: a plan that named one would undo failovers.",
    });
  }
}
