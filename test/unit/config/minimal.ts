import { stringify } from "yaml";
import { ConfigError, type ConfigFault } from "../../../config/errors.ts";
import { parseConfig } from "../../../config/load.ts";
import type { ClusterConfig } from "../../../config/schema.ts";

/** An ed25519 public key whose private key was thrown away. */
export const sshPublicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFaGOOsOOC/mMt8N8JefXi67lnqKfhQWFeq5rtdrt37o operator@example.com";

/** The settings that have no default, as the file says them. */
export function minimal() {
  const ami = "ami-0123456789abcdef0";
  return {
    name: "registry",
    region: "eu-west-1",
    domainName: "registry.example.internal",
    network: { cidr: "10.80.0.0/16", zones: ["eu-west-1a", "eu-west-1b"] },
    access: { sshPublicKey, sshCidrs: ["203.0.113.0/24"], clientCidrs: ["198.51.100.0/24"] },
    bastion: { ami },
    registries: { ami },
    proxies: { ami },
    storage: { bucket: "registry-images" },
  };
}

/** Values to set in the minimal config, by path of at most two keys; undefined removes the key. */
export type Changes = Record<string, unknown>;

/** The minimal config's text with some values changed: `minimalText({ "proxies.count": 1 })`. */
export function minimalText(changes: Changes = {}): string {
  const data: Record<string, unknown> = minimal();
  for (const [path, value] of Object.entries(changes)) {
    const [section, key] = path.split(".") as [string, string?];
    if (key === undefined) data[section] = value;
    else data[section] = { ...(data[section] as object | undefined), [key]: value };
  }
  return stringify(data, { aliasDuplicateObjects: false, lineWidth: 0 });
}

export function minimalConfig(changes: Changes = {}): ClusterConfig {
  return parseConfig(minimalText(changes), "cluster.yml");
}

/** The faults of a text that must have some. */
export function faultsOfText(text: string): readonly ConfigFault[] {
  try {
    parseConfig(text, "cluster.yml");
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error("the config has no fault");
}

export function faultsOf(changes: Changes): readonly ConfigFault[] {
  return faultsOfText(minimalText(changes));
}
