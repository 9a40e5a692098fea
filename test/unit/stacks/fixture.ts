// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import "./matchers.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Testing } from "cdktf";
import { loadConfig } from "../../../config/load.ts";
import type { ClusterConfig } from "../../../config/schema.ts";
import { RegistryClusterStack } from "../../../stacks/registry-cluster-stack.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import type { Topology } from "../../../topology/topology.ts";

/** Stands for whatever the bundle is made of, so that plans in tests change with the stack only. */
export const bundle = {
  sha256: "b".repeat(64),
  archive: Buffer.from("bundle"),
  pointerText: "files:\n  /etc/demo: home is ${HOME}, status is %{http_code}\n",
  convergeScript: '#!/bin/bash\necho "${HOME}"\n',
};
export const registryImage = { sha256: "a".repeat(64), path: "../../../image.tar.gz" };
export const buildkit = { sha256: "c".repeat(64), path: "../../../buildkit.tar" };

// biome-ignore lint/suspicious/noExplicitAny: a plan is JSON of many shapes; every test looks at what it names
export type Json = any;

/** A synthesized plan. */
export interface Plan {
  readonly text: string;
  readonly json: Json;
}

export const exampleConfig: ClusterConfig = loadConfig("cluster.yml");

/** The example config with other values, section by section. */
export function configWith(changes: { [K in keyof ClusterConfig]?: Partial<ClusterConfig[K]> }): ClusterConfig {
  const sections = Object.entries(changes).map(([key, section]) => [
    key,
    { ...(exampleConfig[key as keyof ClusterConfig] as object), ...(section as object) },
  ]);
  return { ...exampleConfig, ...Object.fromEntries(sections) };
}

/** Plans that were asked for, by their config. */
const plans = new Map<string, Plan>();

/** @returns the plan of a config, as it would be written; the same to all who ask, so nobody may change it. */
export function plan(config: ClusterConfig = exampleConfig): Plan {
  const key = JSON.stringify(config);
  const known = plans.get(key);
  if (known) return known;
  const { text, json } = synthesized(config);
  const made = { text, json: frozen(json) };
  plans.set(key, made);
  return made;
}

/** Makes the plan of a config. */
export function synthesized(config: ClusterConfig): Plan {
  const text = withStack(planTopology(config), (stack) => Testing.synth(stack));
  return { text, json: JSON.parse(text) };
}

function frozen(value: Json): Json {
  if (typeof value === "object" && value !== null)
    for (const inner of Object.values(Object.freeze(value))) frozen(inner);
  return value;
}

/** Runs something on a stack in a temporary app, and leaves nothing behind. */
export function withStack<T>(topology: Topology, use: (stack: RegistryClusterStack) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), "registry-cluster-test-"));
  try {
    const app = Testing.app({ outdir });
    const userData = (node: { name: string }) => `#!/bin/bash\n# ${node.name}\necho "\${HOME}"\n`;
    return use(
      new RegistryClusterStack(app, topology.config.name, { topology, bundle, registryImage, buildkit, userData }),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** @returns the resources of a type, by Terraform's names. */
export function resources({ json }: Plan, type: string): Record<string, Json> {
  return json.resource[type] ?? {};
}

/** @returns the only resource of a type that has this Name tag. */
export function named(from: Plan, type: string, name: string): Json {
  const found = Object.values(resources(from, type)).filter((resource) => resource.tags?.Name === name);
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} are named ${name}`);
  return found[0];
}

/** @returns a reference without the hashes that cdktf adds to names, to read well in an assertion. */
export function withoutHashes<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(/_[0-9A-F]{8}(?=\.)/g, ""));
}
