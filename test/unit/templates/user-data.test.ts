import { describe, expect, it } from "vitest";
import { renderUserData } from "../../../templates/user-data.ts";
import { type ClusterNode, nodesOf } from "../../../topology/topology.ts";
import { exampleTopology } from "./example.ts";

const topology = exampleTopology();
const [proxy] = nodesOf(topology, "proxy") as [ClusterNode];

describe("user data", () => {
  it("says who the node is, then enables a unit that converges at every boot until it has succeeded once", () => {
    expect(renderUserData(topology, proxy)).toMatchInlineSnapshot(`
      "#!/bin/bash
      # Managed by registry-cluster from templates/user-data.sh.njk: changes made here are overwritten.
      # First boot: records the node's identity, then fetches and runs the script that does everything else.
      # cloud-init runs user data once, and marks it as done before it begins. So this script keeps a copy of itself, and a unit that runs the
      # copy at every boot until the node has converged once: a reboot in between costs time only.
      set -euo pipefail
      umask 022
      copy=/usr/local/sbin/registry-cluster-first-converge
      if [[ $0 != "$copy" ]]; then
        install -D -m 0755 "$0" "$copy"
        printf '%s\\n' '[Unit]' 'Description=Converge for the first time' 'ConditionPathExists=!/var/lib/registry-cluster/converged' \\
          'Wants=network-online.target' 'After=network-online.target' \\
          '[Service]' 'Type=oneshot' "ExecStart=$copy" 'TimeoutStartSec=infinity' \\
          '[Install]' 'WantedBy=multi-user.target' > /etc/systemd/system/registry-cluster-first-converge.service
        systemctl daemon-reload
        systemctl enable registry-cluster-first-converge.service
        systemctl start --no-block registry-cluster-first-converge.service
        exit
      fi

      mkdir -p /var/log/registry-cluster /etc/registry-cluster /var/lib/registry-cluster
      exec > >(tee -a /var/log/registry-cluster/user-data.log) 2>&1

      # As templates/all/apt.conf.njk, which replaces it: upgrades that begin now must not lock apt.
      printf '%s\\n' 'APT::Periodic::Enable "0";' 'DPkg::Lock::Timeout "600";' > /etc/apt/apt.conf.d/60-registry-cluster
      printf '%s\\n' 'CLUSTER=registry' 'NODE=proxy-1' 'ROLE=proxy' 'AWS_DEFAULT_REGION=eu-west-1' \\
        'PROVISIONING_BUCKET=registry-example-internal-provisioning' \\
        'AWS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt' > /etc/registry-cluster/node.env
      set -a
      # Debian's AWS CLI has its own list of CAs; AWS_CA_BUNDLE makes it use the machine's.
      # shellcheck source=/dev/null
      . /etc/registry-cluster/node.env
      set +a

      retry() { until "$@"; do echo "user data: failed: $*; trying again in 15 s" >&2; sleep 15; done; }

      install_awscli() { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends awscli; }
      command -v aws > /dev/null || retry install_awscli

      script=/usr/local/sbin/registry-cluster-converge
      retry aws s3 cp --no-progress "s3://$PROVISIONING_BUCKET/registry-cluster-converge" "$script"
      chmod 0755 "$script"
      retry "$script"
      touch /var/lib/registry-cluster/converged
      "
    `);
  });

  it("does not change with anything but the node's identity: a change of it replaces instances", () => {
    const { vrrp, proxies } = topology.config;
    const changed = exampleTopology({ vrrp: { ...vrrp, routerId: 99 }, proxies: { ...proxies, count: 3 } });
    expect(renderUserData(changed, nodesOf(changed, "proxy")[0] as ClusterNode)).toBe(renderUserData(topology, proxy));
  });

  it("is far below the 16 KiB that AWS allows", () => {
    expect(renderUserData(topology, proxy).length).toBeLessThan(4096);
  });

  it("is not a Terraform template by accident", () => {
    expect(renderUserData(topology, proxy)).not.toMatch(/\$\{|%\{/);
  });
});
