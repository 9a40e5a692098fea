import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { execa } from "execa";
import { SsmSecretStore } from "../../access/ssm-secret-store.ts";
import type { Clients } from "../../operate/preflight/ask-aws.ts";
import { pythonForTests } from "../tools/python/venv.ts";

/** A moto server of a test's own. */
export interface Moto {
  readonly endpoint: string;
  /** Forgets all that was created. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts moto on a free port of 127.0.0.1. Installs it the first time, which takes some minutes. */
export async function startMoto(): Promise<Moto> {
  const program = join(await pythonForTests(), "moto_server");
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = execa(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore", reject: false });
  await untilAnswers(endpoint);
  return {
    endpoint,
    reset: async () => {
      await fetch(`${endpoint}/moto-api/reset`, { method: "POST" });
    },
    stop: async () => {
      server.kill();
      await server;
    },
  };
}

/** Clients of one server that emulates all of AWS. */
export function clientsOf(endpoint: string): Clients & { ssm: SSMClient } {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const shared = { region: "eu-west-1", endpoint, credentials, maxAttempts: 1 };
  const ssm = new SSMClient(shared);
  return {
    ssm,
    ec2: new EC2Client(shared),
    iam: new IAMClient(shared),
    quotas: new ServiceQuotasClient(shared),
    store: new SsmSecretStore(ssm),
    s3: (region) => new S3Client({ ...shared, region, forcePathStyle: true }),
    sts: (region) => new STSClient({ ...shared, region }),
  };
}

/** @returns a port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answers) return;
    if (Date.now() > deadline) throw new Error(`moto does not answer at ${url}`);
  }
}
