import { dirname } from "node:path";
import { expect, it } from "vitest";
import { buildkit } from "../../../artifacts/buildkit.ts";
import { registryImage } from "../../../artifacts/registry-image.ts";

it("all that a deployment uploads is in one folder, which CI hands from job to job", () => {
  expect(dirname(buildkit.archivePath())).toBe(dirname(registryImage.archivePath()));
});
