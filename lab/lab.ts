import { mkdirSync, writeFileSync } from "node:fs";
import { resolve as absolute } from "node:path";
import { ensureSecrets, refusedByCa, reissueCa } from "../access/secrets.ts";
import { ensureRegistryImage } from "../artifacts/build-registry-image.ts";
import { ensureBuildkit } from "../artifacts/buildkit.ts";
import { OperatorError } from "../common/errors.ts";
import { interrupted } from "../common/interrupt.ts";
import { uninterrupted } from "../common/program.ts";
import type { Progress, StepRunner } from "../common/step.ts";
import { loadConfig } from "../config/load.ts";
import type { ClusterConfig } from "../config/schema.ts";
import { ensureAwsImage, ensureImages, type LabImages } from "../machines/docker/bake.ts";
import type { ImageFiles } from "../machines/docker/image-tags.ts";
import { synthesize } from "../operate/plan/synthesize.ts";
import { infrastructureHash, type Plan, resourcesOf } from "../operate/plan/synthesized-plan.ts";
import { planTopology } from "../topology/plan-topology.ts";
import { isFetched, type Role } from "../topology/roles.ts";
import { readAccount } from "./account/account.ts";
import { ensureLabAuthority } from "./account/authority.ts";
import { clientsOf, ensureS3Server, liftVcpuQuota, secretStoreOf } from "./account/machine.ts";
import { seed } from "./account/seed.ts";
import { bootEmptyAws, type PublishedPorts } from "./boot.ts";
import { ensureDockerEngine, isEngineAnswering, stopOwnDockerEngine } from "./engine.ts";
import { ensurePortsAreFree } from "./free-ports.ts";
import { containerOf, otherCheckoutOf, removeMachines, runningMachines } from "./machines.ts";
import { bootAccount } from "./nodes.ts";
import { type Pace, refuseOtherPace, seedOf } from "./pace.ts";
import { untilRegistryAnswers } from "./registry-client.ts";
import { forget, type LabState, labFiles, labFolder, readState, removeState, writeState } from "./state.ts";

export interface UpOptions extends PublishedPorts, Pace {
  readonly configPath: string;
}

/**
 * Brings up the cluster that the config's plan describes. If it is up already, its nodes fetch and apply
 * what has changed in the config.
 *
 * @throws ConfigError before anything is done; OperatorError for a step that failed.
 */
export async function up(options: UpOptions, step: StepRunner): Promise<LabState> {
  const configPath = absolute(options.configPath);
  const config = await prepare(configPath, step);
  await step("Registry image", (onProgress) => ensureRegistryImage({ onProgress, signal: interrupted }));
  if (isFetched(config, "programs")) {
    await step("BuildKit", (onProgress) => ensureBuildkit({ onProgress, signal: interrupted }));
  }
  const plan = await step("Plan of the cluster", () => synthesize(configPath, config.name, labFiles(config.name).plan));

  const running = await findRunning(config.name);
  if (!running) return bootCluster(config, await createAws(config, plan, options, step), step);
  refuseOtherSource(running, plan);
  refuseOtherPace(running, options);
  await step("Local AWS", () => seedObjects(running, plan));
  return bootCluster(config, running, step);
}

/**
 * Brings up the cluster that Terraform has applied to the lab's AWS, or brings a running one to what it has applied since.
 *
 * @throws ConfigError before anything is done; OperatorError for a step that failed, or when nothing was applied.
 */
export async function upApplied(options: UpOptions, step: StepRunner): Promise<LabState> {
  const config = await prepare(absolute(options.configPath), step);
  const aws = await findRunning(config.name);
  if (!aws) {
    const problem = `the lab '${config.name}' has no AWS for Terraform to deploy to`;
    throw new OperatorError(problem, { fix: howToApply });
  }
  if (aws.infrastructureHash) throw filledFromPlan(config.name);
  refuseOtherPace(aws, options);
  return bootCluster(config, aws, step);
}

/**
 * Brings up only the AWS machine, with an empty account for Terraform to deploy to. Leaves a running one as it is.
 *
 * @throws ConfigError before anything is done; OperatorError for a step that failed.
 */
export async function startAws(options: UpOptions, step: StepRunner): Promise<LabState> {
  const config = await prepare(absolute(options.configPath), step);
  const running = await findRunning(config.name);
  if (running?.infrastructureHash) throw filledFromPlan(config.name);
  if (running) {
    refuseOtherPace(running, options);
    return running;
  }
  await ensureFree(options);
  const image = await step("Machine image", async (onProgress) =>
    ensureAwsImage(await imageFiles(onProgress), onProgress),
  );
  const state = await step("Local AWS", (onProgress) =>
    bootEmptyAws(config, image, { ...options, asOnAws: seedOf(options) }, onProgress),
  );
  writeState(state);
  return state;
}

/**
 * Removes everything that a lab created, except cached images. Harmless if there is none. Continues after Ctrl-C.
 *
 * @throws OperatorError if its machines are on a Docker engine that does not answer.
 */
export async function down(name: string, { keepLogs = false } = {}): Promise<void> {
  if (await isEngineAnswering(uninterrupted)) await removeMachines(name);
  else if (readState(name)) {
    throw new OperatorError(`the machines of the lab '${name}' cannot be removed: no Docker engine answers`, {
      fix: "start Docker, then try again",
    });
  }
  await stopOwnDockerEngine(labFolder(name));
  forget(name, { keepLogs });
}

/** The first steps of every way to bring up a lab. */
async function prepare(configPath: string, step: StepRunner): Promise<ClusterConfig> {
  const config = loadConfig(configPath);
  mkdirSync(labFolder(config.name), { recursive: true });
  await step("Docker engine", (onProgress) => ensureDockerEngine(labFolder(config.name), onProgress));
  return config;
}

/** Called before images are baked, which takes minutes. */
function ensureFree({ httpsPort, sshPort }: PublishedPorts): Promise<void> {
  return ensurePortsAreFree({ "--https-port": httpsPort, "--ssh-port": sshPort });
}

async function machineImages(roles: readonly Role[], onProgress: Progress): Promise<LabImages> {
  return ensureImages(await imageFiles(onProgress), roles, onProgress);
}

async function imageFiles(onProgress: Progress): Promise<ImageFiles> {
  return { caCertificate: await ensureLabAuthority(), s3Server: await ensureS3Server(onProgress) };
}

async function createAws(config: ClusterConfig, plan: Plan, options: UpOptions, step: StepRunner): Promise<LabState> {
  await ensureFree(options);
  const roles = planTopology(config).nodes.map(({ role }) => role);
  const images = await step("Machine images", (onProgress) => machineImages(roles, onProgress));
  return step("Local AWS", async (onProgress) => {
    const aws = await bootEmptyAws(config, images.aws, { ...options, asOnAws: seedOf(options) }, onProgress);
    onProgress("resources of the plan");
    await liftVcpuQuota(aws);
    await seed(clientsOf(aws), plan);
    return { ...aws, infrastructureHash: infrastructureHash(plan) };
  });
}

/** Puts the plan's objects into the buckets of a running AWS, as a deployment does. */
export async function seedObjects(aws: LabState, plan: Plan): Promise<void> {
  const objects = resourcesOf(plan, "aws_s3_object");
  const buckets = resourcesOf(plan, "aws_s3_bucket").map(
    ({ address, properties }) => [address, { id: String(properties.bucket) }] as const,
  );
  await seed(clientsOf(aws), { ...plan, resources: objects }, new Map(buckets));
}

/** Boots the nodes on an AWS that has all resources, and waits until the registry answers. */
async function bootCluster(config: ClusterConfig, aws: LabState, step: StepRunner): Promise<LabState> {
  const account = await readAccount(clientsOf(aws).ec2, config.name);
  await step("Keys, certificates and users", () => writeSecrets(config, aws, account.serviceAddress));
  const state = await step("Nodes", (onProgress) => bootAccount(aws, account, machineImages, onProgress));
  writeState(state);
  await step("Registry answers at its Elastic IP", () => untilRegistryAnswers(state));
  return state;
}

async function writeSecrets(config: ClusterConfig, aws: LabState, serviceAddress: string): Promise<void> {
  const props = { store: secretStoreOf(aws), config, addresses: [serviceAddress, "127.0.0.1"] };
  // Unlike clients on AWS, those of a lab get the new CA certificate at once: it is written below.
  if ((await refusedByCa(props)).length > 0) await reissueCa(props);
  const { caCertificate } = await ensureSecrets(props);
  writeFileSync(labFiles(aws.name).caCertificate, caCertificate);
}

/**
 * The lab, if its AWS machine is up. Otherwise removes what is left of it.
 *
 * @throws OperatorError if it belongs to another checkout.
 */
async function findRunning(name: string): Promise<LabState | undefined> {
  const other = await otherCheckoutOf(name);
  if (other) {
    throw new OperatorError(`a lab '${name}' of another checkout runs on this machine`, {
      cause: `it belongs to ${other}`,
      fix: "npm stop in that folder, or give this cluster another name in its config",
    });
  }
  const state = readState(name);
  if (state && (await runningMachines(name)).has(containerOf(name, "aws"))) return state;
  await removeMachines(name);
  removeState(name);
  return undefined;
}

const howToApply = "npm run aws:emulate, then npx cdktf deploy with the environment that it prints";

/** @throws OperatorError if a running lab was booted from other infrastructure than the plan's, or deployed by Terraform. */
function refuseOtherSource({ name, infrastructureHash: booted }: LabState, plan: Plan): void {
  if (!booted) {
    throw new OperatorError(`the lab '${name}' was deployed by Terraform`, {
      fix: "npx registry-cluster lab up --applied boots what Terraform has applied; npm stop removes everything",
    });
  }
  if (booted !== infrastructureHash(plan)) {
    throw new OperatorError(`the lab '${name}' runs from another plan`, {
      cause: "instances, networks or permissions have changed since it was booted",
      fix: "npm stop, then npm start; the images that were pushed to the lab are lost",
    });
  }
}

function filledFromPlan(name: string): OperatorError {
  return new OperatorError(`the lab '${name}' was booted from the plan, not deployed by Terraform`, {
    fix: `npm stop, ${howToApply}`,
  });
}
