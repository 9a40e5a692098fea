import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgram } from "../../cli/program.ts";
import { reportOf } from "../../cli/report.ts";
import { checkout } from "../../common/checkout.ts";
import { loadConfig } from "../../config/load.ts";
import { clientsOf, operatorFiles } from "../../lab/account/machine.ts";
import { forget, writeState } from "../../lab/state.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { lastingFolder, write } from "./files.ts";
import { type Moto, startMoto } from "./moto.ts";

const name = "rollout-command";
const config = write(
  join(lastingFolder(), "cluster.yml"),
  readFileSync(join(checkout, "cluster.yml"), "utf8").replace(/^name: .*/m, `name: ${name}`),
);
const { nodes, provisioningBucket: Bucket, config: cluster } = planTopology(loadConfig(config));
const [older, newer] = ["b".repeat(64), "a".repeat(64)];

/** Runs a command in this process. */
async function rollout(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const printed = vi.spyOn(console, "log").mockReturnValue().mockClear();
  process.exitCode = 0;
  const failure = await createProgram()
    .parseAsync(["--config", config, "rollout", "--lab", ...args], { from: "user" })
    .then(() => undefined, reportOf);
  const exitCode = failure?.exitCode ?? Number(process.exitCode);
  process.exitCode = 0;
  return { exitCode, stdout: printed.mock.calls.join("\n"), stderr: failure?.text ?? "" };
}

describe("registry-cluster rollout", () => {
  let moto: Moto;
  const put = (Key: string, body: string | object) =>
    clientsOf(lab()).objects.send(
      new PutObjectCommand({ Bucket, Key, Body: typeof body === "string" ? body : JSON.stringify(body) }),
    );
  const lab = () => {
    const port = Number(new URL(moto.endpoint).port);
    const ports = { https: port, ssh: port, api: port, s3: port, proxy: port };
    const { region, domainName } = cluster;
    return { name, region, domainName, ports, awsAddress: "", s3Address: "", endpoints: [], nodes: [] };
  };
  /** The first node has failed with the current bundle. */
  const failOnFirst = async () => {
    for (const { name: node } of nodes) {
      const time = new Date(Date.now() - 60_000).toISOString();
      const isFirst = node === nodes[0]?.name;
      const how = isFirst ? { bundle: newer, result: "failed", detail: "ssh" } : { bundle: older, result: "good" };
      await put(`rollout/reports/${node}.json`, { node, runs: older, time, ...how });
    }
  };

  beforeAll(async () => {
    moto = await startMoto();
    write(operatorFiles(name).json, JSON.stringify({ accessKeyId: "test", secretAccessKey: "test" }));
    writeState(lab());
  }, 600_000);
  beforeEach(async () => {
    await moto.reset();
    const { region: LocationConstraint } = cluster;
    await clientsOf(lab()).objects.send(
      new CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: LocationConstraint as "eu-west-1" },
      }),
    );
    await put("current.yml", `bundle: bundles/${newer}.tar\nsha256: ${newer}\n`);
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    forget(name, { keepLogs: false });
    await moto?.stop();
  });

  it("status ends with 1 if the rollout has stopped, with a table or as JSON", async () => {
    await failOnFirst();
    const table = await rollout("status");
    expect(table).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("failed: ssh") });
    const { exitCode, stdout } = await rollout("status", "--json");
    expect({ exitCode, state: JSON.parse(stdout).state }).toEqual({ exitCode: 1, state: "stopped" });
  });

  it("status ends with 0 while it is under way", async () => {
    expect(await rollout("status")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("under way: it waits"),
    });
  });

  it("status --watch ends when it is done or has stopped", async () => {
    const watching = rollout("status", "--watch", "--json");
    await failOnFirst();
    expect(await watching).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('"stopped"') });
  });

  it("retry makes it go on after a failure", async () => {
    await failOnFirst();
    expect(await rollout("retry")).toMatchObject({ exitCode: 0 });
    expect(await rollout("status")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("under way") });
  });

  it("pause and resume keep what retry has asked for", async () => {
    await failOnFirst();
    await rollout("retry");
    await rollout("pause");
    expect((await rollout("status")).stdout).toContain("paused: the operator has paused it");
    await rollout("resume");
    expect((await rollout("status")).stdout).toContain("under way");
  });
});
