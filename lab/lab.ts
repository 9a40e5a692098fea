import { mkdirSync, writeFileSync } from "node:fs";
import { resolve as absolute } from "node:path";
import { ensureSecrets } from "../access/secrets.ts";
import { ensureRegistryImage } from "../artifacts/build-registry-image.ts";
import { loadConfig } from "../config/load.ts";
import type { ClusterConfig } from "../config/schema.ts";
import { ensureLabAuthority } from "./aws/authority.ts";
import { clientsOf, ensureS3Server, secretStoreOf } from "./aws/machine.ts";
import { seed } from "./aws/seed.ts";
import { boot } from "./boot.ts";
import { convergeAll } from "./converge.ts";
import { docker } from "./docker.ts";
import { ensureDockerEngine, isEngineAnswering, stopOwnDockerEngine } from "./engine.ts";
import { LabError } from "./errors.ts";
import { ensurePortsAreFree } from "./free-ports.ts";
import { ensureImages } from "./images.ts";
import { interrupted } from "./interrupt.ts";
import { containerOf, otherCheckoutOf, removeMachines, runningMachines } from "./machines.ts";
import { type Plan, resourcesOf } from "./plan.ts";
import { infrastructureHash, synthesize } from "./plan-source.ts";
import { uninterrupted } from "./program.ts";
import { untilRegistryAnswers } from "./registry-client.ts";
import { forget, type LabState, labFiles, labFolder, readState, removeState, writeState } from "./state.ts";

/** Runs a part of the work that the operator sees as one line, with its progress and elapsed time. */
export type StepRunner = <T>(title: string, run: (onProgress: Progress) => Promise<T>) => Promise<T>;

export type Progress = (text: string) => void;

export interface UpOptions {
  readonly configPath: string;
  /** Port on 127.0.0.1 that leads to the registry's Elastic IP. */
  readonly httpsPort: number;
  /** Port on 127.0.0.1 that leads to the bastion's Elastic IP. */
  readonly sshPort: number;
}

/**
 * Brings the lab up. One that is up already is not made again: its nodes fetch and apply what has changed in the config.
 *
 * @throws ConfigError before anything is done; LabError for a step that failed.
 */
export async function up(options: UpOptions, step: StepRunner): Promise<LabState> {
  const configPath = absolute(options.configPath);
  const config = loadConfig(configPath);
  mkdirSync(labFolder(config.name), { recursive: true });

  await step("Docker engine", (onProgress) => ensureDockerEngine(labFolder(config.name), onProgress));
  await step("Registry image", (onProgress) => ensureRegistryImage({ onProgress, signal: interrupted }));
  const plan = await step("Plan of the cluster", () => synthesize(configPath, config.name, labFiles(config.name).plan));

  const running = await findRunning(config.name, plan);
  const state = running ? await update(running, plan, config, step) : await create(options, plan, config, step);
  await step("Registry answers at its Elastic IP", () => untilRegistryAnswers(state));
  return state;
}

/**
 * Removes everything that a lab made, except cached images. Harmless when there is none. Goes on after Ctrl-C.
 *
 * @throws LabError when its machines are on a Docker engine that does not answer.
 */
export async function down(name: string, { keepLogs = false } = {}): Promise<void> {
  if (await isEngineAnswering(uninterrupted)) await removeMachines(name);
  else if (readState(name)) {
    throw new LabError(`the machines of the lab '${name}' cannot be removed: no Docker engine answers`, {
      fix: "start Docker, then try again",
    });
  }
  await stopOwnDockerEngine(labFolder(name));
  forget(name, { keepLogs });
}

async function create(options: UpOptions, plan: Plan, config: ClusterConfig, step: StepRunner): Promise<LabState> {
  await ensurePortsAreFree({ "--https-port": options.httpsPort, "--ssh-port": options.sshPort });
  const images = await step("Machine images", async (onProgress) => {
    const files = { caCertificate: await ensureLabAuthority(), s3Server: await ensureS3Server(onProgress) };
    return ensureImages(files, onProgress);
  });
  const machines = await step("Local AWS", (onProgress) => boot(config, plan, images, options, onProgress));
  await step("Keys, certificates and users", () => writeSecrets(config, machines.state));
  await step("Nodes", async (onProgress) => {
    await machines.bootNodes();
    await convergeAll(machines.state, "first boot", onProgress);
  });
  writeState(machines.state);
  return machines.state;
}

async function update(state: LabState, plan: Plan, config: ClusterConfig, step: StepRunner): Promise<LabState> {
  await step("Local AWS", async () => {
    const objects = resourcesOf(plan, "aws_s3_object");
    const buckets = resourcesOf(plan, "aws_s3_bucket").map(
      ({ address, properties }) => [address, { id: String(properties.bucket) }] as const,
    );
    await seed(clientsOf(state), { ...plan, resources: objects }, new Map(buckets));
  });
  await step("Keys, certificates and users", () => writeSecrets(config, state));
  await step("Nodes", (onProgress) => convergeAll(state, "again", onProgress));
  return state;
}

async function writeSecrets(config: ClusterConfig, state: LabState): Promise<void> {
  const { caCertificate } = await ensureSecrets({
    store: secretStoreOf(state),
    config,
    addresses: [state.serviceAddress, "127.0.0.1"],
  });
  writeFileSync(labFiles(state.name).caCertificate, caCertificate);
}

/**
 * The lab that is up, with every machine that had been switched off switched on again.
 *
 * @throws LabError when it was booted from other infrastructure than the plan's, or from another checkout.
 */
async function findRunning(name: string, plan: Plan): Promise<LabState | undefined> {
  const other = await otherCheckoutOf(name);
  if (other) {
    throw new LabError(`a lab '${name}' of another checkout runs on this machine`, {
      cause: `it belongs to ${other}`,
      fix: "npm stop in that folder, or give this cluster another name in its config",
    });
  }
  const state = readState(name);
  const running = await runningMachines(name);
  if (!state || !running.has(containerOf(name, "aws"))) {
    await removeMachines(name);
    removeState(name);
    return undefined;
  }
  if (state.infrastructureHash !== infrastructureHash(plan)) {
    throw new LabError(`the lab '${name}' runs from another plan`, {
      cause: "instances, networks or permissions have changed since it was booted",
      fix: "npm stop, then npm start; the images that were pushed to the lab are lost",
    });
  }
  for (const node of state.nodes) if (!running.has(node.container)) await docker(["start", node.container]);
  return state;
}
