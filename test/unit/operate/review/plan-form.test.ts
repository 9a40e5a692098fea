// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's expressions look like this
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Testing } from "cdktf";
import { afterAll, describe, expect, it } from "vitest";
import { problemsOf } from "../../../../operate/review/plan-form.js";
import { configureBackend } from "../../../../stacks/state-backend.ts";
import { planTopology } from "../../../../topology/plan-topology.ts";
import { configWith, exampleConfig, type Json, plan, withStack } from "../../stacks/fixture.ts";

const kmsKeyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

describe("a plan of this project", () => {
  it.each([
    ["the example", configWith({})],
    ["a builder and a key", configWith({ builder: { enabled: true }, storage: { kmsKeyArn } })],
    ["a NAT gateway", configWith({ network: { egress: "nat-gateway" } })],
    ["no way out", configWith({ network: { egress: "none" } })],
  ])("may be planned with a role: %s", (_, config) => {
    expect(problemsOf(plan(config).json)).toEqual([]);
  });

  it.each([{}, { s3: { bucket: "states", kmsKeyArn } }])("may keep its state anywhere: %j", (backend) => {
    const config = { ...exampleConfig, backend };
    const text = withStack(planTopology(config), (stack) => {
      configureBackend(stack, config, "cdktf.out");
      return Testing.synth(stack);
    });
    expect(problemsOf(JSON.parse(text))).toEqual([]);
  });
});

describe("a plan that could do more than plan is refused:", () => {
  const changed = (change: (json: Json) => void): Json => {
    const json = structuredClone(plan().json);
    change(json);
    return json;
  };

  it.each<[string, (json: Json) => void, string]>([
    ["a program that gives data", (json) => Object.assign(json.data, { external: { a: {} } }), "data.external"],
    ["a secret that is read", (json) => Object.assign(json.data, { aws_ssm_parameter: {} }), "data.aws_ssm_parameter"],
    ["another provider", (json) => Object.assign(json.provider, { http: [{}] }), "provider.http"],
    [
      "credentials that a program gives",
      (json) => Object.assign(json.provider.aws[0], { shared_config_files: ["x"] }),
      "provider.aws.shared_config_files",
    ],
    [
      "another host in place of AWS",
      (json) => Object.assign(json.provider.aws[0], { endpoints: [{ sts: "https://x" }] }),
      "provider.aws.endpoints",
    ],
    ["a module", (json) => Object.assign(json, { module: { a: { source: "./a" } } }), "module"],
    ["another backend", (json) => Object.assign(json.terraform, { backend: { http: {} } }), "terraform.backend.http"],
    [
      "a program that runs when a machine is made",
      (json) => Object.assign(json.resource.aws_instance.bastion, { provisioner: [{ "local-exec": {} }] }),
      "resource.aws_instance.bastion.provisioner",
    ],
    [
      "a resource that is no part of AWS",
      (json) => Object.assign(json.resource, { null_resource: {} }),
      "null_resource",
    ],
    [
      "a file of the runner",
      (json) => Object.assign(json.output.ssh, { value: '${file("/proc/self/environ")}' }),
      "output.ssh.value: has an expression",
    ],
    [
      "a file within other text",
      (json) => Object.assign(json.resource.aws_instance.bastion.tags, { a: 'x $${y} ${filebase64("z")}' }),
      "bastion.tags.a: has an expression",
    ],
    ["a directive", (json) => Object.assign(json.output.ssh, { value: "%{ if true }x%{ endif }" }), "output.ssh.value"],
    [
      "a name with an expression",
      (json) => Object.assign(json.output.ssh, { value: { '${file("x")}': "" } }),
      "in a name",
    ],
    [
      "an expression without an end",
      (json) => Object.assign(json.output.ssh, { value: "${file(" }),
      "output.ssh.value",
    ],
  ])("%s", (_, change, problem) => {
    expect(problemsOf(changed(change)).join("\n")).toContain(problem);
  });
});

describe("the program that a job runs", () => {
  const scratch = mkdtempSync(join(tmpdir(), "registry-cluster-plan-form-"));
  afterAll(() => rmSync(scratch, { recursive: true }));

  function check(content: Json): { status: number | null; stderr: string } {
    const file = join(scratch, "cdk.tf.json");
    writeFileSync(file, JSON.stringify(content));
    const { status, stderr } = spawnSync(process.execPath, ["operate/review/plan-form.js", file], { encoding: "utf8" });
    return { status, stderr: stderr.replaceAll(file, "cdk.tf.json") };
  }

  it("ends with 0, and says nothing, for a plan of this project", () => {
    expect(check(plan().json)).toEqual({ status: 0, stderr: "" });
  });

  it("ends with 1 for any other, and says what is not allowed and how to mend it", () => {
    expect(check({ ...plan().json, module: { a: { source: "./a" } } })).toEqual({
      status: 1,
      stderr: "cdk.tf.json: module: not allowed\n  mend: plan without it, or deploy such a change by hand\n",
    });
  });
});
