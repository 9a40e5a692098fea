import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { type LabState, labFolder } from "../../../lab/state.ts";
import { type Plan, type PlannedResource, readPlan } from "../../../operate/plan/synthesized-plan.ts";

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "registry-cluster-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Reads the text of a `cdk.tf.json` as the lab does; the files that it names are not there. */
export function planOf(text: string): Plan {
  const folder = mkdtempSync(join(tmpdir(), "registry-cluster-test-"));
  try {
    writeFileSync(join(folder, "cdk.tf.json"), text);
    return readPlan(join(folder, "cdk.tf.json"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function resource(type: string, name: string, properties: Record<string, unknown> = {}): PlannedResource {
  return { type, name, address: `${type}.${name}`, properties };
}

/** A lab that nobody has; what a test writes of it is gone after the test. */
export function labOfTest(): LabState {
  const name = `unit-test-${process.pid}`;
  onTestFinished(() => rmSync(labFolder(name), { recursive: true, force: true }));
  const node = (node: string, role: "bastion" | "proxy", privateIp: string) => ({
    ...{ name: node, role, privateIp, zone: "eu-west-1a", instanceId: `i-${node}`, container: `${name}-lab-${node}` },
  });
  return {
    name,
    region: "eu-west-1",
    domainName: "registry.example.internal",
    ports: { https: 8443, ssh: 2222, api: 5000, s3: 7070, proxy: 3128 },
    awsAddress: "10.80.0.2",
    s3Address: "10.80.0.3",
    serviceAddress: "10.81.0.130",
    nodes: [node("bastion", "bastion", "10.80.0.4"), node("proxy-1", "proxy", "10.80.0.5")],
    endpoints: [{ privateIp: "10.80.15.254", zone: "eu-west-1a" }],
    infrastructureHash: "0".repeat(64),
  };
}

/** A program that stands for the docker client, and what it was called with. */
export interface FakeDocker {
  /** The folder that must come first in PATH. */
  readonly path: string;
  calls(): string[];
}

/**
 * Writes a program named docker that notes its arguments.
 *
 * @param behaviour what it does then: shell commands that see all arguments as `$*`.
 */
export function writeFakeDocker(behaviour: string): FakeDocker {
  const folder = temporaryFolder();
  const log = join(folder, "calls");
  const program = join(folder, "bin", "docker");
  mkdirSync(dirname(program));
  writeFileSync(log, "");
  writeFileSync(program, `#!/bin/bash\necho "$*" >> '${log}'\n${behaviour}\n`);
  chmodSync(program, 0o755);
  return { path: dirname(program), calls: () => readFileSync(log, "utf8").split("\n").filter(Boolean) };
}

/** Has this process call a fake docker until the end of the test. */
export function useFakeDocker(behaviour: string): FakeDocker {
  const fake = writeFakeDocker(behaviour);
  const before = process.env.PATH;
  process.env.PATH = withPath(fake);
  onTestFinished(() => {
    process.env.PATH = before;
  });
  return fake;
}

/** A PATH on which the fake docker comes first. */
export const withPath = (fake: FakeDocker) => `${fake.path}${delimiter}${process.env.PATH}`;
