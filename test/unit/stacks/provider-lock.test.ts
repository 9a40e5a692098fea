import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeProviderLock } from "../../../stacks/provider-lock.ts";
import { plan } from "./fixture.ts";

const committed = readFileSync(".terraform.lock.hcl", "utf8");
const mirror = `provider_installation {
  filesystem_mirror {
    path = "/mirror"
  }
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "provider-lock-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** What Terraform finds in the stack's folder. */
function placed(env: NodeJS.ProcessEnv): string {
  placeProviderLock(folder, { HOME: folder, ...env });
  return readFileSync(join(folder, ".terraform.lock.hcl"), "utf8");
}

const require = createRequire(import.meta.url);
const { TerraformProviderLock } = require("@cdktf/cli-core/src/lib/terraform-provider-lock.js");
const { ProviderConstraint } = require("@cdktf/cli-core/src/lib/dependencies/dependency-manager.js");

/** Asks cdktf itself whether it would go to the public registry for hashes. */
function cdktfFindsLock(): Promise<boolean> {
  const { version } = plan().json.terraform.required_providers.aws;
  return new TerraformProviderLock(folder).hasMatchingProvider(new ProviderConstraint("aws", version));
}

describe("the committed lock file", () => {
  it("locks a version that the plan allows, with hashes for every platform", () => {
    const { version } = plan().json.terraform.required_providers.aws;
    expect(committed).toContain(`constraints = "${version}"`);
    expect(committed).toMatch(/version +=\s+"6\.(2[5-9]|[3-9]\d)\.\d+"/);
    // one h1 for each platform that HashiCorp builds for; one zh for each archive, and one for their manifest
    expect(committed.match(/"h1:[A-Za-z0-9+/]{43}="/g)).toHaveLength(14);
    expect(committed.match(/"zh:[0-9a-f]{64}"/g)).toHaveLength(15);
  });

  it("is what Terraform finds, and cdktf asks nobody for another", async () => {
    expect(placed({})).toBe(committed);
    expect(await cdktfFindsLock()).toBe(true);
  });

  it("does not take the place of one that is there", () => {
    write(".terraform.lock.hcl", "# newer\n");
    expect(placed({})).toBe("# newer\n");
    expect(placed({ TF_CLI_CONFIG_FILE: write("terraform.rc", mirror) })).toBe("# newer\n");
  });

  it("is used with a Terraform configuration that names no mirror", () => {
    const config = 'plugin_cache_dir = "/cache"\n# provider_installation { filesystem_mirror { path = "/mirror" } }\n';
    expect(placed({ TF_CLI_CONFIG_FILE: write("terraform.rc", config) })).toBe(committed);
    expect(placed({ TF_CLI_CONFIG_FILE: join(folder, "absent.rc") })).toBe(committed);
  });
});

describe("with a mirror of providers", () => {
  it.each([
    ["in the file that TF_CLI_CONFIG_FILE names", () => ({ TF_CLI_CONFIG_FILE: write("terraform.rc", mirror) })],
    [
      "of the network",
      () => ({ TF_CLI_CONFIG_FILE: write("terraform.rc", mirror.replace("filesystem_mirror", "network_mirror")) }),
    ],
    [
      "in ~/.terraformrc",
      () => {
        write(".terraformrc", mirror);
        return {};
      },
    ],
  ])("%s, the lock is open: nothing to Terraform, and enough for cdktf", async (_, env) => {
    const text = placed(env());
    expect(text.replace(/\/\*.*\*\//s, "").trim()).toBe("");
    expect(await cdktfFindsLock()).toBe(true);
  });
});
