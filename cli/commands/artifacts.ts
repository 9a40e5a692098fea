import type { Command } from "commander";
import { ensureRegistryImage, updateRegistryImageLock } from "../../artifacts/build-registry-image.ts";
import { buildkit, ensureBuildkit, updateBuildkitLock } from "../../artifacts/buildkit.ts";
import { registryImage } from "../../artifacts/registry-image.ts";
import { interrupted } from "../../common/interrupt.ts";
import { loadClusters } from "../../config/load-clusters.ts";
import { isFetched } from "../../topology/roles.ts";
import { say } from "../output.ts";
import { step } from "../progress.ts";

export function registerArtifacts(program: Command): void {
  const artifacts = program
    .command("artifacts")
    .description("programs that nodes run and `cdktf deploy` uploads: the registry's image, BuildKit for a builder");

  artifacts
    .command("build")
    .description("build what the lock files in artifacts/ name and the config needs, unless it is in the cache")
    .action(async () => {
      const clusters = loadClusters(program.opts<{ config: string }>().config);
      await step("Registry image", (onProgress) => ensureRegistryImage({ onProgress, signal: interrupted }));
      say(`registry ${registryImage.version}: ${registryImage.archivePath()}`);
      if (!clusters.some(({ config }) => isFetched(config, "programs"))) return;
      await step("BuildKit", (onProgress) => ensureBuildkit({ onProgress, signal: interrupted }));
      say(`BuildKit ${buildkit.version}: ${buildkit.archivePath()}`);
    });

  artifacts
    .command("lock")
    .description("after changing a version or toolchain in a lock file of artifacts/: build, and lock the result")
    .action(async () => {
      const lock = await step("Registry image", (onProgress) =>
        updateRegistryImageLock(registryImage, { onProgress, signal: interrupted }),
      );
      say(`registry ${lock.version}, ${lock.goVersion}: archive ${lock.archiveSha256}`);
      const tools = await step("BuildKit", (onProgress) =>
        updateBuildkitLock(buildkit, { onProgress, signal: interrupted }),
      );
      say(`BuildKit ${tools.version}, ${tools.goVersion}: archive ${tools.archiveSha256}`);
      say("review the change: git diff artifacts/*.lock.json");
    });
}
