import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { parse, stringify } from "yaml";
import { OperatorError } from "../../../common/errors.ts";
import { interrupted } from "../../../common/interrupt.ts";
import { programFailure, uninterrupted } from "../../../common/program.ts";
import { networkOf } from "../../../lab/machines.ts";
import { docker, dockerExec } from "../../../machines/docker/docker.ts";
import { type BenchPlace, createMachine, writeFileOn } from "./machines.ts";

/** Port of the gateway that leads to the bare registry. */
export const barePort = 9443;

const table = "registry_cluster_bench";

/** The parts of a registry's configuration in which the bare one differs. */
export interface RegistryConfig {
  readonly storage: Readonly<Record<string, unknown>>;
  readonly auth: { readonly htpasswd: Readonly<Record<string, unknown>> };
  readonly http: Readonly<Record<string, unknown>>;
}

/** The configuration of the cluster's registries, changed for a bare registry: it serves TLS, and every byte itself. */
export function bareConfig({ storage, auth, http, ...rest }: RegistryConfig): unknown {
  const { debug: _, ...shared } = http;
  return {
    ...rest,
    storage: { ...storage, redirect: { disable: true } },
    auth: { htpasswd: { ...auth.htpasswd, path: "/bench/htpasswd" } },
    http: { ...shared, addr: ":443", tls: { certificate: "/bench/server.pem", key: "/bench/server.pem" } },
  };
}

/**
 * Boots one registry without proxies: the program, users, certificate, bucket and role of those in the lab, on the same network,
 * behind the same gateway.
 */
export async function startBareRegistry(place: BenchPlace): Promise<void> {
  const { bare, proxies, registries } = place;
  const registry = (registries[0] as { container: string }).container;
  const proxy = (proxies[0] as { container: string }).container;
  const config = parse(await dockerExec(registry, ["cat", "/etc/distribution/config.yml"])) as RegistryConfig;
  await createMachine(place, bare, "vpc");
  await copyProgram(registry, bare);
  await writeFileOn(bare, "/bench/config.yml", stringify(bareConfig(config)));
  await writeFileOn(bare, "/bench/htpasswd", await dockerExec(registry, ["cat", "/etc/distribution/htpasswd"]));
  await writeFileOn(bare, "/bench/server.pem", await dockerExec(proxy, ["cat", "/etc/nginx/tls/server.pem"]));
  await writeFileOn(bare, "/bench/credentials", await roleCredentials(registry));
  await docker([
    ...["exec", "--detach", "--workdir", "/bench", "--env", "OTEL_TRACES_EXPORTER=none"],
    ...["--env", "AWS_SHARED_CREDENTIALS_FILE=/bench/credentials", bare],
    ...["sh", "-c", "exec ./registry serve config.yml > log 2>&1"],
  ]);
  await openGateway(place);
  await untilItAnswers(place);
}

/** The same program that the lab's registries run. */
async function copyProgram(registry: string, bare: string): Promise<void> {
  const read = ["exec", registry, "sh", "-c", 'cat "/proc/$(pidof registry)/exe"'];
  const write = ["exec", "--interactive", bare, "sh", "-c", "cat > /bench/registry && chmod 700 /bench/registry"];
  const options = { cancelSignal: interrupted } as const;
  try {
    await execa("docker", read, { ...options, encoding: "buffer", buffer: false }).pipe("docker", write, options);
  } catch (error) {
    throw programFailure("copying the registry's program", error);
  }
}

/**
 * The credentials of the registry's role, so that S3 checks each request in the same way. Temporary, and in memory only.
 */
async function roleCredentials(registry: string): Promise<string> {
  const url = "http://169.254.169.254/latest";
  const text = await dockerExec(registry, [
    "sh",
    "-ec",
    `token=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" ${url}/api/token)
    get() { curl -sf -H "X-aws-ec2-metadata-token: $token" "${url}/meta-data/iam/security-credentials/$1"; }
    get "$(get "")"`,
  ]);
  const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(text) as Record<string, string>;
  return `[default]
aws_access_key_id = ${AccessKeyId}
aws_secret_access_key = ${SecretAccessKey}
aws_session_token = ${Token}
`;
}

/** The gateway forwards a port to the bare registry as it forwards another one to the holder of the Elastic IP. */
async function openGateway(place: BenchPlace): Promise<void> {
  const { lab, aws, bare, gatewayAddress } = place;
  const address = `{{(index .NetworkSettings.Networks "${networkOf(lab.name, "vpc")}").IPAddress}}`;
  const bareAddress = await docker(["inspect", "--format", address, bare]);
  await closeGateway(place);
  await dockerExec(aws, ["nft", "--file", "-"], {
    input: `table ip ${table} {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ip daddr ${gatewayAddress} tcp dport ${barePort} dnat to ${bareAddress}:443
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip daddr ${bareAddress} tcp dport 443 snat to ${lab.awsAddress}
  }
}
`,
  });
}

async function untilItAnswers({ lab, client, bare }: BenchPlace): Promise<void> {
  let answer = "";
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(300)) {
    interrupted.throwIfAborted();
    const url = `https://${lab.domainName}:${barePort}/v2/`;
    const write = ["--output", "/dev/null", "--write-out", "%{http_code}"];
    answer = await dockerExec(client, ["curl", "--config", "/bench/curlrc", ...write, url]).catch(
      (error: OperatorError) => error.details.cause ?? error.message,
    );
    if (answer === "200") return;
  }
  throw new OperatorError("the bare registry does not answer within 30 s", {
    cause: answer,
    fix: "see the log for the cause",
    log: await dockerExec(bare, ["tail", "-n", "5", "/bench/log"]),
  });
}

/** Continues after Ctrl-C. */
export async function closeGateway({ aws }: BenchPlace): Promise<void> {
  const remove = `if nft list table ip ${table} > /dev/null 2>&1; then nft delete table ip ${table}; fi`;
  await dockerExec(aws, ["sh", "-c", remove], uninterrupted);
}
