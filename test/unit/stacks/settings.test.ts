import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { expect, it } from "vitest";
import { ensureSecrets } from "../../../access/secrets.ts";
import { joinPath } from "../../../config/paths.ts";
import { type ClusterConfig, clusterSchema } from "../../../config/schema.ts";
import { settingPaths } from "../../../config/sections.ts";
import { configureBackend } from "../../../stacks/state-backend.ts";
import { renderTree } from "../../../templates/render-tree.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import { MemorySecretStore } from "../access/support.ts";
import { minimalConfig } from "../config/minimal.ts";
import { contents } from "../templates/example.ts";
import { synthesized } from "./fixture.ts";

/** Settings that are read before there is a plan. */
const readWhileLoading: Readonly<Record<string, string>> = {
  "access.openToInternet": "a rule asks whether it names the opening",
  "builder.builds": "the file is read with the config",
};

/** @returns the config, which notes the path of every value that is read of it */
function watched<Value extends object>(value: Value, read: Set<string>, path = ""): Value {
  return new Proxy(value, {
    get(target, key, receiver) {
      const inner: unknown = Reflect.get(target, key, receiver);
      if (typeof key === "symbol") return inner;
      const place = joinPath(path, key);
      read.add(place);
      const isSection =
        typeof inner === "object" && inner !== null && Object.getPrototypeOf(inner) === Object.prototype;
      return isSection ? watched(inner, read, place) : inner;
    },
  });
}

async function useEverything(config: ClusterConfig): Promise<void> {
  renderTree(planTopology(config), contents);
  synthesized(config);
  await ensureSecrets({ store: new MemorySecretStore(), config, addresses: [] });
  const outdir = mkdtempSync(join(tmpdir(), "registry-cluster-test-"));
  configureBackend(new TerraformStack(new App({ outdir }), config.name), config, outdir);
  rmSync(outdir, { recursive: true });
}

it("every setting is read by something", async () => {
  const read = new Set<string>();
  const config = minimalConfig({
    "builder.enabled": true,
    "backend.s3": {
      bucket: "example-state",
      key: "a/b",
      region: "eu-west-1",
      kmsKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    },
  });
  await useEverything(watched(config, read));
  const unread = settingPaths(clusterSchema).filter((path) => !read.has(path));
  expect(unread).toEqual(Object.keys(readWhileLoading));
});
