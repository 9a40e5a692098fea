import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { cacheDir, exists, withLock, writeAtomically } from "../../artifacts/cache.ts";
import { checkout } from "../../operator/checkout.ts";

/** A release of Terraform. */
export interface Release {
  readonly version: string;
  readonly sha256: string;
}

/** @returns the release that CI takes. */
export async function releaseOfCi(): Promise<Release> {
  const { variables } = parse(await readFile(join(checkout, ".gitlab-ci.yml"), "utf8"))[".aws"];
  return { version: variables.TERRAFORM_VERSION, sha256: variables.TERRAFORM_SHA256 };
}

/** Brings Terraform, which Debian does not have, into the cache, once. @returns the folder that it is in */
export async function ensureTerraform(
  { version, sha256 }: Release,
  site = "https://releases.hashicorp.com",
): Promise<string> {
  const folder = join(cacheDir(), "terraform", version);
  return withLock(folder, {}, async () => {
    if (!(await exists(folder))) {
      await writeAtomically(folder, async (temporary) => {
        await mkdir(temporary);
        const archive = join(temporary, "terraform.zip");
        const url = `${site}/terraform/${version}/terraform_${version}_linux_amd64.zip`;
        await execa("curl", [
          ...["--fail", "--silent", "--show-error", "--location"],
          ...limits,
          "--output",
          archive,
          url,
        ]);
        await execa("sha256sum", ["--check", "--status"], { input: `${sha256}  ${archive}\n` });
        await execa("python3", ["-m", "zipfile", "--extract", archive, temporary]);
        await chmod(join(temporary, "terraform"), 0o755);
      });
    }
    return folder;
  });
}

const limits = ["--connect-timeout", "20", "--max-time", "600"];
