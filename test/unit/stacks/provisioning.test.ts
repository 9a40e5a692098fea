// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's references and shell variables look like this
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { provisioningKeys } from "../../../topology/names.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import { bundle, exampleConfig, plan, registryImage, resources, withStack } from "./fixture.ts";

describe("the provisioning bucket", () => {
  const objects = Object.values(resources(plan(), "aws_s3_object"));
  const object = (key: string) => objects.find((candidate) => candidate.key === key);
  const bundleObject = object(provisioningKeys.bundle(bundle.sha256));
  const imageObject = object(provisioningKeys.image(registryImage.sha256));

  it("holds the bundle, the image, the script and the pointer, and nothing else", () => {
    expect(objects.map(({ key }) => key.split("/")[0]).sort()).toEqual([
      "bundles",
      "current.yml",
      "images",
      "registry-cluster-converge",
    ]);
    for (const { bucket } of objects) expect(bucket).toBe("${aws_s3_bucket.provisioning_bucket.id}");
  });

  it("shows the pointer's text in the plan, with Terraform's template marks escaped", () => {
    expect(object("current.yml").content).toBe("files:\n  /etc/demo: home is $${HOME}, status is %%{http_code}\n");
  });

  it("shows the script's text in the plan", () => {
    expect(object("registry-cluster-converge").content).toBe('#!/bin/bash\necho "$${HOME}"\n');
  });

  it("gets the pointer after all that it leads to", () => {
    const after = object("current.yml").depends_on.map((id: string) => id.replace(/_[0-9A-F]{8}$/, ""));
    expect(after).toEqual([
      "aws_s3_object.provisioning_bundle-object",
      "aws_s3_object.provisioning_image-object",
      "aws_s3_object.provisioning_converge-script",
    ]);
  });

  it("gets a new bundle before the old one goes", () => {
    expect(bundleObject.lifecycle.create_before_destroy).toBe(true);
    expect(imageObject.lifecycle.create_before_destroy).toBe(true);
  });

  it("stores the same file no second time because it lay elsewhere", () => {
    expect(bundleObject.lifecycle.ignore_changes).toEqual(["source"]);
    expect(imageObject.lifecycle.ignore_changes).toEqual(["source"]);
  });

  it("is encrypted, versioned and closed before anything is in it", () => {
    for (const { depends_on } of [bundleObject, imageObject, object("registry-cluster-converge")]) {
      expect(depends_on.map((id: string) => id.split(".")[0])).toEqual([
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_policy",
      ]);
    }
  });

  it("takes the image from the path that it was given, which need not exist yet", () => {
    expect(imageObject.source).toBe(registryImage.path);
  });

  it("takes the bundle from a file that synthesis has written beside the plan", () => {
    withStack(planTopology(exampleConfig), (stack) => {
      const outdir = Testing.fullSynth(stack);
      try {
        const written = readFileSync(join(outdir, "stacks", "registry", bundleObject.source));
        expect(sha256(written)).toBe(sha256(bundle.archive));
      } finally {
        rmSync(outdir, { recursive: true });
      }
    });
  });
});

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
