import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { checkout } from "../../common/checkout.ts";
import type { ClusterConfig } from "../../config/schema.ts";
import { RegistryClusterStack } from "../../stacks/registry-cluster-stack.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { ensureEnvironment } from "../tools/python/venv.ts";
import { buildkit, bundle, configWith, type Json, registryImage } from "../unit/stacks/fixture.ts";

const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const egresses = ["bastion", "nat-gateway", "none"] as const;
/** Every kind of egress, with and without a KMS key; and the one setting that turns a check off. */
const configs: [string, ClusterConfig][] = [
  ...egresses.map((egress): [string, ClusterConfig] => [`egress ${egress}`, configWith({ network: { egress } })]),
  ...egresses.map((egress): [string, ClusterConfig] => [
    `egress ${egress} and a KMS key`,
    configWith({ network: { egress }, storage: { kmsKeyArn } }),
  ]),
  ["no flow logs", configWith({ network: { flowLogs: "none" } })],
];

const scratch = mkdtempSync(join(tmpdir(), "registry-cluster-scanners-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const hasVenv = spawnSync("python3", ["-c", "import ensurepip, venv"]).status === 0;
const title = hasVenv ? "checkov" : "checkov (skipped: Python has no venv; apt-get install python3-venv)";

describe.skipIf(!hasVenv)(title, () => {
  it.each(configs)("finds nothing to say about the plan with %s that the plan does not answer", async (_, config) => {
    const { plan, folder } = synthesize(config);
    const { failed, skipped } = await scan(folder);
    expect(failed).toEqual([]);
    // each reason answers a finding: none is left over from an earlier plan
    expect(skipped).toEqual(skipsOf(plan));
    for (const { comment } of skipped) expect(comment.split(" ").length).toBeGreaterThan(8);
  });

  it("is heard: a plan that says nothing about its flow logs fails", async () => {
    const { folder } = synthesize(configWith({ network: { flowLogs: "none" } }), (text) =>
      text.replace("CKV2_AWS_11", "CKV2_AWS_0"),
    );
    const { failed } = await scan(folder);
    expect(failed).toEqual([expect.stringMatching(/^CKV2_AWS_11 network_vpc_/)]);
  });
});

/** A Checkov finding that the plan answers. */
interface Skip {
  readonly check: string;
  /** Terraform's name of the resource. */
  readonly resource: string;
  readonly comment: string;
}

/** Writes a plan as `cdktf synth` does. @returns the plan and its folder. */
function synthesize(config: ClusterConfig, edit = (text: string) => text): { plan: Json; folder: string } {
  const folder = mkdtempSync(join(scratch, "plan-"));
  const app = new App({ outdir: folder });
  const userData = () => "#!/bin/bash\n";
  new RegistryClusterStack(app, config.name, {
    topology: planTopology(config),
    bundle,
    registryImage,
    buildkit,
    userData,
  });
  app.synth();
  const file = join(folder, "stacks", config.name, "cdk.tf.json");
  const text = edit(readFileSync(file, "utf8"));
  writeFileSync(file, text);
  return { plan: JSON.parse(text), folder };
}

/** Runs checkov as an operator would, in the checkout, where its config file is. */
async function scan(folder: string): Promise<{ failed: string[]; skipped: Skip[] }> {
  const requirements = join(checkout, "test/tools/checkov/requirements.txt");
  const programs = await ensureEnvironment({ name: "checkov", python: "python3", requirements });
  const { stdout, stderr, exitCode } = await execa(
    join(programs, "checkov"),
    ["--directory", folder, "--output", "json", "--compact"],
    // keeps Checkov from reading the user's own config file too
    { cwd: checkout, env: { HOME: scratch, CKV_SKIP_PACKAGE_UPDATE_CHECK: "true" }, reject: false },
  );
  expect([0, 1], stderr).toContain(exitCode);
  expect(stderr).toBe("");
  const { results, summary } = JSON.parse(stdout);
  expect(summary).toMatchObject({ parsing_errors: 0, passed: expect.toSatisfy((passed) => passed > 100) });
  return {
    failed: results.failed_checks.map((record: Json) => `${record.check_id} ${nameIn(record)}`).sort(),
    skipped: results.skipped_checks
      .map((record: Json) => ({
        check: record.check_id,
        resource: nameIn(record),
        comment: record.check_result.suppress_comment,
      }))
      .sort(bySkip),
  };
}

/** Only some checks give the resource's type: `aws_vpc.name`, `resource.name`. */
function nameIn(record: Json): string {
  return record.resource.split(".").at(-1);
}

function skipsOf(plan: Json): Skip[] {
  const all = Object.values<Record<string, Json>>(plan.resource).flatMap((named) => Object.entries(named));
  return all
    .flatMap(([resource, properties]) =>
      (properties["//"].checkov?.skip ?? []).map(({ id, comment }: Json) => ({ check: id, resource, comment })),
    )
    .sort(bySkip);
}

function bySkip(a: Skip, b: Skip): number {
  return `${a.check} ${a.resource}` < `${b.check} ${b.resource}` ? -1 : 1;
}
