import type { Command } from "commander";
import { ensureRegistryImage, updateRegistryImageLock } from "../../artifacts/build-registry-image.ts";
import { registryImage } from "../../artifacts/registry-image.ts";
import { interrupted } from "../../operator/interrupt.ts";
import { say } from "../output.ts";
import { step } from "../progress.ts";

export function registerArtifacts(program: Command): void {
  const artifacts = program
    .command("artifacts")
    .description("the registry's image, which nodes run and `cdktf deploy` uploads");

  artifacts
    .command("build")
    .description("build the image archive that artifacts/registry-image.lock.json names, unless it is in the cache")
    .action(async () => {
      await step("Registry image", (onProgress) => ensureRegistryImage({ onProgress, signal: interrupted }));
      say(`registry ${registryImage.version}: ${registryImage.archivePath()}`);
    });

  artifacts
    .command("lock")
    .description(
      "after a change of version or toolchain in artifacts/registry-image.lock.json: build, and lock what comes out",
    )
    .action(async () => {
      const lock = await step("Registry image", (onProgress) =>
        updateRegistryImageLock(registryImage, { onProgress, signal: interrupted }),
      );
      say(`registry ${lock.version}, ${lock.goVersion}: archive ${lock.archiveSha256}`);
      say("review the change: git diff artifacts/registry-image.lock.json");
    });
}
