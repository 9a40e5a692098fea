import type { Command } from "commander";
import { ensureRegistryImage, registryImage } from "../../artifacts/registry-image.ts";
import { interrupted } from "../../lab/interrupt.ts";
import { step } from "../progress.ts";

export function registerPrepare(program: Command): void {
  program
    .command("prepare")
    .description("build the registry's image archive, which `cdktf deploy` uploads for the nodes")
    .action(async () => {
      await step("Registry image", (onProgress) => ensureRegistryImage({ onProgress, signal: interrupted }));
      console.log(`registry ${registryImage.version}: ${registryImage.archivePath()}`);
    });
}
