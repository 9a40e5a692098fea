import { readFileSync } from "node:fs";
import { authorityCertificate } from "../../../lab/account/authority.ts";
import { operatorLogin } from "../../../lab/account/machine.ts";
import { networkOf } from "../../../lab/machines.ts";
import { labFiles } from "../../../lab/state.ts";
import { docker, dockerExec } from "../../../machines/docker/docker.ts";
import { type BenchPlace, createMachine, readHere, writeFileOn } from "./machines.ts";
import { parseTransfers, type Transfers } from "./transfers.ts";

/**
 * Creates the clients' machine in the lab's internet: across a real network, and not behind Docker's proxy for published ports, which
 * copies every byte. It is in the VPC too, so that redirects to S3 work.
 */
export async function startClient(place: BenchPlace, bucket: string): Promise<void> {
  const { lab, client } = place;
  await createMachine(place, client, "internet");
  await docker(["network", "connect", networkOf(lab.name, "vpc"), client]);
  const { user, password } = await operatorLogin(lab);
  const authorities = [labFiles(lab.name).caCertificate, authorityCertificate()].map((path) =>
    readFileSync(path, "utf8"),
  );
  await writeFileOn(client, "/bench/netrc", `machine ${lab.domainName} login ${user} password ${password}\n`);
  await writeFileOn(client, "/bench/ca.crt", authorities.join("\n"));
  await writeFileOn(client, "/bench/curlrc", curlConfig(place, `${bucket}.s3.${lab.region}.amazonaws.com`));
  await writeFileOn(client, "/bench/client.sh", readHere("client.sh"));
}

/**
 * HTTP/1.1 everywhere: the proxies support nothing else, and it is the faster one for the bare registry, which also supports HTTP/2.
 */
function curlConfig({ lab, gatewayAddress }: BenchPlace, s3Name: string): string {
  return `silent
show-error
no-progress-meter
http1.1
max-time = 300
cacert = /bench/ca.crt
netrc-file = /bench/netrc
header = "Expect:"
connect-to = "${lab.domainName}::${gatewayAddress}:"
connect-to = "${s3Name}::${lab.s3Address}:"
`;
}

/** Makes new random blobs for the client to push. @returns their digests. */
export async function makeBlobs(place: BenchPlace, count: number, mib: number): Promise<string[]> {
  const digests = (await clientScript(place, ["blobs", count, mib])).split("\n").filter(Boolean);
  for (const digest of digests) place.digests.add(digest);
  return digests;
}

/** Pulls blobs from a port of the gateway. */
export async function pull(
  place: BenchPlace,
  port: number,
  clients: number,
  digests: readonly string[],
): Promise<Transfers> {
  return parseTransfers(await clientScript(place, ["pull", port, clients], `${digests.join("\n")}\n`));
}

/** Pushes the latest blobs of `makeBlobs` to a port of the gateway. */
export async function push(
  place: BenchPlace,
  operation: "push" | "push-chunked",
  port: number,
  clients: number,
): Promise<Transfers> {
  return parseTransfers(await clientScript(place, [operation, port, clients]));
}

function clientScript({ lab, client }: BenchPlace, args: readonly (string | number)[], input = ""): Promise<string> {
  const command = ["env", `REGISTRY=${lab.domainName}`, "sh", "/bench/client.sh", ...args.map(String)];
  return dockerExec(client, command, { input });
}
