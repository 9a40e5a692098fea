import { readFileSync } from "node:fs";
import { OperatorError } from "../../../common/errors.ts";
import { containerOf, labelOf, networkOf, removeContainers } from "../../../lab/machines.ts";
import type { LabNode, LabState } from "../../../lab/state.ts";
import { docker, dockerExec } from "../../../machines/docker/docker.ts";

/** Containers that the bench adds to the lab, and what they need to know about it. */
export interface BenchPlace {
  readonly lab: LabState;
  readonly client: string;
  readonly bare: string;
  /** The AWS machine: gateway to the VPC, and S3. */
  readonly aws: string;
  /** Address of the AWS machine in the lab's internet. */
  readonly gatewayAddress: string;
  readonly proxies: readonly LabNode[];
  readonly registries: readonly LabNode[];
  /** Digests of all blobs that were created to be pushed. */
  readonly digests: Set<string>;
}

export async function placeOf(lab: LabState): Promise<BenchPlace> {
  const aws = containerOf(lab.name, "aws");
  const address = `{{(index .NetworkSettings.Networks "${networkOf(lab.name, "internet")}").IPAddress}}`;
  return {
    lab,
    client: containerOf(lab.name, "bench-client"),
    bare: containerOf(lab.name, "bench-bare"),
    aws,
    gatewayAddress: await docker(["inspect", "--format", address, aws]),
    proxies: lab.nodes.filter(({ role }) => role === "proxy"),
    registries: lab.nodes.filter(({ role }) => role === "registry"),
    digests: new Set(),
  };
}

/** Creates an idle container from the image of the lab's registries. Its files are in memory, in /bench. */
export async function createMachine(
  { lab, registries }: BenchPlace,
  container: string,
  network: "vpc" | "internet",
): Promise<void> {
  const [registry] = registries;
  if (!registry) throw new OperatorError("the lab has no registry", { fix: "npm start" });
  const image = await docker(["inspect", "--format", "{{.Config.Image}}", registry.container]);
  await docker([
    ...["run", "--detach", "--init", "--name", container, "--label", labelOf(lab.name)],
    ...["--network", networkOf(lab.name, network), "--dns", lab.awsAddress],
    ...["--tmpfs", "/bench:exec,mode=700", "--entrypoint", "sleep", image, "infinity"],
  ]);
}

/** Continues after Ctrl-C, and also removes what an earlier bench left behind. */
export async function removeBenchMachines({ client, bare }: BenchPlace): Promise<void> {
  await removeContainers([client, bare]);
}

/** Writes a file that nobody else may read. */
export async function writeFileOn(container: string, path: string, text: string): Promise<void> {
  await dockerExec(container, ["sh", "-c", `umask 077; cat > ${path}`], { input: text });
}

export const readHere = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
