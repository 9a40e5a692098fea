import { execa } from "execa";
import { buildGoProgram } from "../../artifacts/go-program.ts";
import { registryImage } from "../../artifacts/registry-image.ts";

/** Checks workflows of GitHub: `tsx test/tools/actionlint.ts FILE...`. It has the scripts in them checked by shellcheck. */
const program = await buildGoProgram({
  packagePath: "github.com/rhysd/actionlint/cmd/actionlint",
  version: "v1.7.12",
  goVersion: registryImage.goVersion,
});
const { exitCode } = await execa(program, process.argv.slice(2), { stdio: "inherit", reject: false });
process.exitCode = exitCode;
