import { appendFileSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import { imageTags } from "../../../machines/docker/image-tags.ts";
import { roleNames } from "../../../topology/roles.ts";
import { temporaryFolder } from "../lab/support.ts";

const nodes = ["node", ...roleNames].sort();
const all = ["aws", "base", ...nodes].sort();

/** A copy of what goes into images. */
function copyOfInputs(): string {
  const folder = temporaryFolder();
  for (const part of ["salt", "lab", "machines", "bundle"])
    cpSync(join(checkout, part), join(folder, part), { recursive: true });
  for (const file of ["ca.crt", "s3-server"]) writeFileSync(join(folder, file), file);
  return folder;
}

const tagsIn = (folder: string) =>
  imageTags(folder, { caCertificate: join(folder, "ca.crt"), s3Server: join(folder, "s3-server") });

/** The images that get another tag when a file changes. */
function rebakedBy(file: string): string[] {
  const folder = copyOfInputs();
  const before = tagsIn(folder);
  appendFileSync(join(folder, file), "\n# changed\n");
  const after = tagsIn(folder);
  return Object.keys(after)
    .filter((name) => before[name as keyof typeof before] !== after[name as keyof typeof after])
    .sort();
}

describe("the images' tags", () => {
  it("are the same for the same files", () => {
    const folder = copyOfInputs();
    expect(tagsIn(folder)).toEqual(tagsIn(folder));
  });

  it.each([
    ["a package state", "salt/nginx/package.sls", nodes],
    ["the pinned Python packages", "salt/requirements.txt", nodes],
    ["the script of a node's image", "machines/docker/scripts/node.sh", nodes],
    ["the way states are applied", "bundle/apply", nodes],
    ["the program that plays AWS", "lab/cloud/gateway.py", ["aws"]],
    ["the S3 server", "s3-server", ["aws"]],
    ["the script of the base image", "machines/docker/scripts/base.sh", all],
    ["the first process of a machine", "machines/docker/scripts/lab-init", all],
    ["the certificate that machines trust", "ca.crt", all],
  ])("change with %s (%s)", (_what, file, images) => {
    expect(rebakedBy(file)).toEqual(images);
  });

  it.each([
    ["a config state", "salt/nginx/config.sls"],
    ["a service state", "salt/nginx/service.sls"],
    ["a file of a state", "salt/converge/files/registry-cluster-converge"],
    ["the lab's own code", "lab/lab.ts"],
  ])("stay when %s changes (%s)", (_what, file) => {
    expect(rebakedBy(file)).toEqual([]);
  });

  it("do not count what Python leaves behind", () => {
    const folder = copyOfInputs();
    const before = tagsIn(folder);
    cpSync(join(folder, "lab/cloud/gateway.py"), join(folder, "lab/cloud/__pycache__/gateway.pyc"));
    expect(tagsIn(folder)).toEqual(before);
  });
});
