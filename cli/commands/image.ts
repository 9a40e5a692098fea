import type { Command } from "commander";
import { UsageError } from "../../common/errors.ts";
import { silently } from "../../common/step.ts";
import { type BuildImageProps, type BuiltImage, buildImage } from "../../images/build-image.ts";
import { type BuildSecret, parseBuildSecret } from "../../images/build-secrets.ts";
import { say, sayJson, tell } from "../output.ts";
import { step } from "../progress.ts";
import { registerWatch } from "./image-watch.ts";

export function registerImage(program: Command): void {
  const image = program
    .command("image")
    .description("images from git: each built from exactly one commit, which its labels name");
  registerWatch(image, program);

  image
    .command("build")
    .description("build a commit of a git repository (a URL or a folder), and push it as NAME:TAG and NAME:git-COMMIT")
    .argument("<repository>", "URL or folder")
    .requiredOption("--ref <ref>", "tag, branch or commit; a short hash will do")
    .option("--push <name>", "where to, as HOST[:PORT]/PATH; without it the image stays in the builder's store")
    .option("--file <path>", "the Dockerfile, relative to the context", "Dockerfile")
    .option("--context <path>", "folder of the repository to build from", ".")
    .option(
      "--platform <os/arch>",
      "such as linux/arm64; may be given more than once (default: this machine's)",
      collect,
    )
    .option("--build-arg <name=value>", "may be given more than once", collectPair)
    .option(
      "--secret <id=NAME,src=FILE>",
      "or id=NAME,env=VARIABLE: for RUN --mount=type=secret,id=NAME; may be given more than once",
      collectSecret,
    )
    .option("--builder <name>", "buildkit or buildah (default: the first one installed)")
    .option("--provenance", "attach how the image was built; with BuildKit only, and the digest then differs each time")
    .option("--sbom", "attach a list of the software in the image; with BuildKit only")
    .option("--sign <key>", "have cosign sign the image: a key file (COSIGN_PASSWORD opens it), or the URI of a KMS")
    .option("--ca-file <path>", "CA certificate of the registry")
    .option("--submodules", "fetch submodules too")
    .option("--lfs", "fetch Git LFS files too")
    .option("--move-tag", "move the tag to this image if it is on the image of another commit")
    .option(
      "--insecure-git",
      "fetch over http:// or git:// from another machine, where others could change the data on its way",
    )
    .option("--json", "print the result as JSON")
    .action(async (repository: string, { platform, buildArg, secret, json, ...options }: BuildOptions) => {
      const props = { repository, ...options, platforms: platform, buildArgs: buildArg, secrets: secret };
      const built = await buildImage(props, json ? silently : step);
      for (const warning of built.warnings ?? []) tell(`warning: ${warning}`);
      if (json) sayJson(built);
      else say(described(built));
    });
}

interface BuildOptions extends Omit<BuildImageProps, "repository" | "platforms" | "buildArgs" | "secrets"> {
  readonly platform?: readonly string[];
  readonly buildArg?: Readonly<Record<string, string>>;
  readonly secret?: readonly BuildSecret[];
  readonly json?: boolean;
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];

function collectPair(value: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, text] = /^([A-Za-z_]\w*)=(.*)$/s.exec(value) ?? [];
  if (name === undefined || text === undefined) throw wrongOption("--build-arg", "NAME=VALUE");
  return { ...earlier, [name]: text };
}

function collectSecret(value: string, earlier: readonly BuildSecret[] = []): BuildSecret[] {
  const secret = parseBuildSecret(value);
  if (!secret) throw wrongOption("--secret", "id=NAME,src=FILE or id=NAME,env=VARIABLE");
  return [...earlier.filter(({ id }) => id !== secret.id), secret];
}

/** Commander would print the given value, which may be a secret. */
const wrongOption = (option: string, shape: string) =>
  new UsageError(`a value of ${option} is malformed`, {
    cause: "it is not shown here, because it may be a secret",
    fix: `write it as ${option} ${shape}`,
  });

function described({ commit, builder, image, published }: BuiltImage): string {
  if (!published) return `commit ${commit}\nimage  ${image} (${builder}); to push it, add --push NAME`;
  const { name, tags, digest, by } = published;
  const why = {
    built: `built with ${builder}`,
    existing: "existed already: nothing was built",
    another: "another builder was faster: its image was kept",
  };
  return [`commit ${commit}`, `image  ${name}@${digest}`, `tags   ${tags.join(", ")}`, `       ${why[by]}`].join("\n");
}
