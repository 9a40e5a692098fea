import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../common/checkout.ts";
import { OperatorError } from "../common/errors.ts";
import type { Role } from "../topology/roles.ts";

/** A running machine of the lab. */
export interface LabNode {
  readonly name: string;
  readonly role: Role;
  readonly instanceId: string;
  readonly privateIp: string;
  readonly zone: string;
  readonly container: string;
}

/** What is known of a lab whose AWS machine is up. Holds no secrets. */
export interface LabState {
  readonly name: string;
  readonly region: string;
  readonly domainName: string;
  readonly ports: LabPorts;
  /** Of the AWS machine, in the VPC. */
  readonly awsAddress: string;
  /** Of S3 on that machine, also in the VPC. */
  readonly s3Address: string;
  /**
   * Of the plan's infrastructure, which is everything but the objects in its buckets.
   * Undefined if Terraform deploys to this AWS, not the lab itself.
   */
  readonly infrastructureHash?: string;
  /** Seed of AWS's delays. Undefined if this AWS is immediate and has no limits. */
  readonly asOnAws?: number;
  /** Undefined until there is a cluster. */
  readonly serviceAddress?: string;
  readonly nodes: readonly LabNode[];
  /** Where the API answers, apart from its address outside of all zones. */
  readonly endpoints: readonly Endpoint[];
}

/** An interface of an AWS service in the VPC. */
export interface Endpoint {
  readonly privateIp: string;
  readonly zone: string;
}

/** Ports on 127.0.0.1. */
export interface LabPorts {
  readonly https: number;
  readonly ssh: number;
  readonly api: number;
  readonly s3: number;
  /** HTTP proxy that leads AWS's host names into the lab. */
  readonly proxy: number;
}

/** Folder of everything that the lab writes into the checkout. */
export const labFolder = (name: string) => join(checkout, ".lab", name);

export const labFiles = (name: string) => ({
  state: join(labFolder(name), "state.json"),
  /** Certificate that clients of the registry must trust. */
  caCertificate: join(labFolder(name), "ca.crt"),
  plan: join(labFolder(name), "plan"),
  logs: join(labFolder(name), "logs"),
});

export function readState(name: string): LabState | undefined {
  const { state } = labFiles(name);
  return existsSync(state) ? (JSON.parse(readFileSync(state, "utf8")) as LabState) : undefined;
}

/**
 * @param fix how to start it
 * @throws OperatorError if the lab is not up.
 */
export function stateOf(name: string, fix = "npx registry-cluster lab up"): LabState {
  const state = readState(name);
  if (!state) throw new OperatorError(`the lab '${name}' is not up`, { fix });
  return state;
}

export function writeState(state: LabState): void {
  mkdirSync(labFolder(state.name), { recursive: true });
  writeFileSync(labFiles(state.name).state, `${JSON.stringify(state, undefined, 2)}\n`);
}

/** Forgets a lab whose machines have been removed. */
export function removeState(name: string): void {
  rmSync(labFiles(name).state, { force: true });
}

/** Removes what the lab wrote into the checkout. */
export function forget(name: string, { keepLogs }: { readonly keepLogs: boolean }): void {
  const { logs } = labFiles(name);
  if (keepLogs && existsSync(logs)) {
    const paths = readdirSync(labFolder(name)).map((entry) => join(labFolder(name), entry));
    for (const path of paths) if (path !== logs) rmSync(path, { recursive: true });
  } else {
    rmSync(labFolder(name), { recursive: true, force: true });
  }
}
