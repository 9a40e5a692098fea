import { Command } from "commander";
import { registerImage } from "./commands/image.ts";
import { commanderOutput } from "./output.ts";
import { run } from "./run.ts";

/** The command line of a builder node: only commands that do not need the checkout. */
await run(() => {
  const program = new Command("registry-cluster")
    .description("Images from git repositories.")
    .configureOutput(commanderOutput)
    .showHelpAfterError()
    .exitOverride();
  registerImage(program);
  return program;
});
