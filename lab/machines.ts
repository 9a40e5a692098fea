import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { archiveFiles } from "../bundle/archive.ts";
import { checkout } from "../common/checkout.ts";
import { OperatorError } from "../common/errors.ts";
import { interrupted } from "../common/interrupt.ts";
import { hostAddress, lastUsableAddress } from "../common/ipv4.ts";
import { uninterrupted } from "../common/program.ts";
import type { LabImages } from "../machines/docker/bake.ts";
import { docker, dockerExec, dockerList } from "../machines/docker/docker.ts";
import type { LabNode, LabState } from "./state.ts";

/** Names and labels of what a lab creates in the Docker engine, so that it can be found and removed without a list. */
export const labelOf = (lab: string) => `registry-cluster.lab=${lab}`;
const checkoutKey = "registry-cluster.checkout";
const checkoutLabel = `${checkoutKey}=${checkout}`;
const instanceKey = "registry-cluster.instance";
export const containerOf = (lab: string, machine: string) => `${lab}-lab-${machine}`;
export const networkOf = (lab: string, network: "vpc" | "internet") => `${lab}-lab-${network}`;

/** Only the lab's own internet gateway translates addresses between the networks, as on AWS. */
const noMasquerade = ["--opt", "com.docker.network.bridge.enable_ip_masquerade=false"];
/** The host has no address in the VPC, so nothing gets out. `--internal` would also drop packets of clients and of metadata. */
const vpcOptions = [...noMasquerade, "--opt", "com.docker.network.bridge.inhibit_ipv4=true"];

/** AWS assigns it to no instance, so it is free for S3. */
export const s3Address = (vpcCidr: string) => hostAddress(vpcCidr, 3);

/** systemd expects these to be empty at each boot of a machine. */
const bootOptions = [
  "--stop-signal",
  "SIGRTMIN+3",
  "--tmpfs",
  "/run:exec",
  "--tmpfs",
  "/run/lock",
  "--tmpfs",
  "/tmp:exec",
  "--env",
  "container=docker",
];

/**
 * Creates the lab's two networks: the VPC, which has no way out, and the part of the internet where its clients are.
 *
 * @returns the CIDR of the latter, the first that is free on this engine.
 */
export async function createNetworks(lab: string, vpcCidr: string): Promise<string> {
  const create = (network: "vpc" | "internet", ...options: string[]) =>
    docker(["network", "create", "--label", labelOf(lab), ...options, networkOf(lab, network)]);

  // Docker requires an address for the host in each network; nothing else uses the last one.
  const addresses = ["--gateway", lastUsableAddress(vpcCidr), "--aux-address", `s3=${s3Address(vpcCidr)}`];
  await create("vpc", ...vpcOptions, "--subnet", vpcCidr, ...addresses).catch((error: unknown) => {
    throw new OperatorError(`the VPC's addresses ${vpcCidr} are in use on this machine`, {
      cause: error instanceof OperatorError ? error.details.cause : String(error),
      fix: "set network.cidr to a free range in the config, or remove the network that has it (docker network ls)",
    });
  });
  for (const block of ["10.81.0", "172.30.81", "192.168.181"]) {
    const made = await create(
      "internet",
      ...noMasquerade,
      "--subnet",
      `${block}.0/24`,
      "--ip-range",
      `${block}.64/26`,
    ).catch(() => false);
    if (made !== false) return `${block}.0/24`;
  }
  throw new OperatorError("found no free range for the lab's internet", {
    fix: "remove networks that are not used: docker network prune",
  });
}

/** The container of an instance. */
export interface InstanceMachine {
  readonly container: string;
  readonly instanceId: string;
  readonly running: boolean;
}

/** @returns the containers of a lab's instances. */
export async function instanceMachines(lab: string): Promise<InstanceMachine[]> {
  const text = await docker([
    ...["ps", "--all", "--filter", `label=${labelOf(lab)}`, "--filter", `label=${instanceKey}`],
    ...["--format", `{{.Names}} {{.Label "${instanceKey}"}} {{.State}}`],
  ]);
  const lines = text.split("\n").filter(Boolean);
  return lines.map((line) => {
    const [container = "", instanceId = "", state] = line.split(" ");
    return { container, instanceId, running: state === "running" };
  });
}

/** Boots an instance as a container with systemd, behind its packet rules. */
export async function bootNode(
  lab: LabState,
  node: LabNode,
  images: LabImages,
  privileges: readonly string[],
  packetRules: string,
): Promise<void> {
  await docker([
    ...["create", "--name", node.container, "--hostname", node.name],
    ...["--label", labelOf(lab.name), "--label", checkoutLabel, "--label", `${instanceKey}=${node.instanceId}`],
    ...["--network", networkOf(lab.name, "vpc"), "--ip", node.privateIp, "--env", `LAB_GATEWAY=${lab.awsAddress}`],
    // Containers cannot put overlays on an overlay, and both Docker and a builder have some.
    ...["--volume", "/var/lib/docker", "--volume", "/var/tmp"],
    // Builds have their own networks.
    ...["--device", "/dev/net/tun"],
    ...bootOptions,
    ...privileges,
    ...["--entrypoint", "/usr/local/sbin/lab-init", images[node.role]],
  ]);
  await putFile(node.container, packetRulesFile, packetRules);
  await docker(["start", node.container]);
}

/** A machine applies this file before anything else when it boots: see `machines/docker/scripts/lab-init`. */
const packetRulesFile = "/etc/lab-security-groups.nft";

/** Replaces the packet rules of a machine: now if it runs, else when it boots. */
export async function replacePacketRules({ container, running }: InstanceMachine, packetRules: string): Promise<void> {
  await putFile(container, packetRulesFile, packetRules);
  if (running) await dockerExec(container, ["nft", "--file", packetRulesFile]);
}

/** Switches on a machine that is off, and waits until its systemd accepts commands. */
export async function switchOn({ container, running }: InstanceMachine): Promise<void> {
  if (running) return;
  await docker(["start", container]);
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 300) {
    interrupted.throwIfAborted();
    const [state] = await serviceStates(container, ["basic.target"]);
    if (state === "active") return;
    await sleep(300);
  }
  throw new OperatorError(`${container} did not boot within 30 s`, { fix: `docker logs ${container}` });
}

/** Boots the AWS machine. */
export async function bootAws(
  lab: string,
  image: string,
  privileges: readonly string[],
  options: {
    readonly vpcAddress: string;
    readonly internetAddress: string;
    /** What to publish on 127.0.0.1: `8443:443`, or `:443` for a free port. */
    readonly ports: readonly string[];
    readonly volumes: readonly string[];
  },
): Promise<void> {
  const container = containerOf(lab, "aws");
  await docker([
    ...["create", "--name", container, "--hostname", "aws", "--label", labelOf(lab), "--label", checkoutLabel],
    ...["--network", networkOf(lab, "internet"), "--ip", options.internetAddress],
    ...options.ports.flatMap((port) => ["--publish", `127.0.0.1:${port}`]),
    ...options.volumes.flatMap((volume) => ["--volume", volume]),
    ...["--volume", "/var/lib/lab/s3", "--sysctl", "net.ipv4.ip_forward=1"],
    ...bootOptions,
    ...privileges,
    ...["--entrypoint", "/sbin/init", image],
  ]);
  await docker(["network", "connect", "--ip", options.vpcAddress, networkOf(lab, "vpc"), container]);
  await docker(["start", container]);
}

/** Puts a file into a container that need not run. */
async function putFile(container: string, path: string, text: string): Promise<void> {
  await docker(["cp", "-", `${container}:${dirname(path)}`], { input: await archiveFiles({ [basename(path)]: text }) });
}

/** @returns the port on 127.0.0.1 under which a port of the AWS machine is published. */
export async function publishedPort(lab: string, port: number): Promise<number> {
  const text = await docker(["port", containerOf(lab, "aws"), `${port}/tcp`]);
  return Number(text.split("\n")[0]?.split(":").at(-1));
}

/**
 * Removes everything with the lab's label: machines with their volumes, then networks. This includes what another checkout left
 * behind, but never its running lab. Continues after Ctrl-C.
 */
export async function removeMachines(lab: string): Promise<void> {
  if (await otherCheckoutOf(lab)) return;
  await removeContainers(await dockerList("container", labelOf(lab), uninterrupted));
  const networks = await dockerList("network", labelOf(lab), uninterrupted);
  if (networks.length > 0) await docker(["network", "rm", ...networks], uninterrupted);
}

/** Removes containers with their volumes. Continues after Ctrl-C. */
export async function removeContainers(containers: readonly string[]): Promise<void> {
  if (containers.length > 0) await docker(["rm", "--force", "--volumes", ...containers], uninterrupted);
}

/** @returns the folder of another checkout whose lab of this name is running. Names allow one such lab on an engine. */
export async function otherCheckoutOf(lab: string): Promise<string | undefined> {
  const name = `name=^/${containerOf(lab, "aws")}$`;
  const folder = await docker(["ps", "--filter", name, "--format", `{{.Label "${checkoutKey}"}}`], uninterrupted);
  return folder === "" || folder === checkout ? undefined : folder;
}

/** @returns the names of the lab's machines that run. */
export async function runningMachines(lab: string): Promise<Set<string>> {
  const text = await docker(["ps", "--filter", `label=${labelOf(lab)}`, "--format", "{{.Names}}"]);
  return new Set(text.split("\n").filter(Boolean));
}

/** @returns the systemd state of each of these services of a machine, none if the machine does not answer. */
export async function serviceStates(container: string, services: readonly string[]): Promise<string[]> {
  // systemctl exits with an error if a service is not active, but still prints the states.
  const text = await ask(container, "sh", "-c", `systemctl is-active ${services.join(" ")} || true`);
  return text ? text.split("\n") : [];
}

/** Runs a command on a machine, and returns what it printed, or undefined if it failed. */
export async function ask(container: string, ...command: string[]): Promise<string | undefined> {
  return dockerExec(container, command).catch(() => undefined);
}
