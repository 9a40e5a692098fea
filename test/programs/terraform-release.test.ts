import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureTerraform, releaseOfCi } from "../tools/terraform.ts";
import { lastingFolder, write } from "./files.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("Terraform for the tests", { curl: "curl", python3: "python3" });

describe.skipIf(skip)(title, () => {
  const asked: (string | undefined)[] = [];
  let sha256: string;
  let archive: Buffer;
  const site = createServer(({ url }, response) => {
    asked.push(url);
    response.end(archive);
  });
  const address = () => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const { REGISTRY_CLUSTER_CACHE } = process.env;

  beforeAll(async () => {
    const folder = lastingFolder();
    process.env.REGISTRY_CLUSTER_CACHE = join(folder, "cache");
    write(join(folder, "terraform"), "#!/bin/sh\necho this is Terraform\n");
    await execa("python3", ["-m", "zipfile", "--create", "release.zip", "terraform"], { cwd: folder });
    archive = readFileSync(join(folder, "release.zip"));
    sha256 = createHash("sha256").update(archive).digest("hex");
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    site.close();
    if (REGISTRY_CLUSTER_CACHE === undefined) delete process.env.REGISTRY_CLUSTER_CACHE;
    else process.env.REGISTRY_CLUSTER_CACHE = REGISTRY_CLUSTER_CACHE;
  });

  it("is the release that CI takes", async () => {
    const release = await releaseOfCi();
    expect(release.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(release.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(".github/workflows/check.yml", "utf8")).toContain(`terraform_version: ${release.version}\n`);
  });

  it("is refused, and not kept, when it is not the release that was meant", async () => {
    const release = { version: "1.2.3", sha256: "0".repeat(64) };
    await expect(ensureTerraform(release, address())).rejects.toThrow("sha256sum");
    expect(existsSync(join(process.env.REGISTRY_CLUSTER_CACHE as string, "terraform", "1.2.3"))).toBe(false);
  });

  it("is downloaded once, and can be run", async () => {
    asked.length = 0;
    const folder = await ensureTerraform({ version: "1.2.4", sha256 }, address());
    expect(await ensureTerraform({ version: "1.2.4", sha256 }, address())).toBe(folder);
    expect(asked).toEqual(["/terraform/1.2.4/terraform_1.2.4_linux_amd64.zip"]);
    expect((await execa(join(folder, "terraform"))).stdout).toBe("this is Terraform");
  });
});
