import { type Command, InvalidArgumentError } from "commander";
import { type BuiltImage, buildImage } from "../../images/build-image.ts";
import { loadBuilds } from "../../images/watch/builds.ts";
import { askWatch } from "../../images/watch/status.ts";
import { watch } from "../../images/watch/watch.ts";
import { silently } from "../../operator/step.ts";
import { step } from "../progress.ts";
import { formatWatchStatus } from "../watch-table.ts";

export function registerImage(program: Command): void {
  const image = program.command("image").description("images from git: each of exactly one commit, which it names");
  registerWatch(image);

  image
    .command("build <repository>")
    .description("build a commit of a git repository (a URL or a folder), and push it as NAME:TAG and NAME:git-COMMIT")
    .requiredOption("--ref <ref>", "tag, branch or commit; a short hash will do")
    .option("--push <name>", "where to, as HOST[:PORT]/PATH; without it the image stays with the builder")
    .option("--file <path>", "the Dockerfile, below the context", "Dockerfile")
    .option("--context <path>", "folder of the repository to build from", ".")
    .option("--platform <os/arch>", "as linux/arm64; may be given more than once (default: this machine's)", collect)
    .option("--build-arg <name=value>", "may be given more than once", collectPair)
    .option("--builder <name>", "buildah (default: the first that is here)")
    .option("--ca-file <path>", "certificate of the authority of the registry")
    .option("--submodules", "fetch submodules too")
    .option("--lfs", "fetch the files that git LFS keeps too")
    .option("--move-tag", "let the tag go from the image of another commit to this one")
    .option("--insecure-git", "fetch over http:// or git:// from another machine, where anyone may change what comes")
    .option("--json", "print the result as JSON")
    .action(async (repository: string, { platform, buildArg, json, ...options }: BuildOptions) => {
      const props = { repository, ...options, platforms: platform, buildArgs: buildArg };
      const built = await buildImage(props, json ? silently : step);
      console.log(json ? JSON.stringify(built, undefined, 2) : described(built));
    });
}

function registerWatch(image: Command): void {
  image
    .command("watch")
    .description(
      "build every new tag of the repositories that a file names, until Ctrl-C; a restart asks the registry what is missing",
    )
    .requiredOption("--config <file>", "what to build: see builds.example.yml")
    .option("--builder <name>", "buildah (default: the first that is here)")
    .option("--ca-file <path>", "certificate of the authority of the registry")
    .action(async ({ config, ...options }: { config: string; builder?: string; caFile?: string }) => {
      await watch({ builds: loadBuilds(config), ...options, log: (line) => console.log(line) });
    });

  image
    .command("status")
    .description("ask a watch on this machine what it has built, and what has failed")
    .option("--url <url>", "where it listens", "http://127.0.0.1:9180")
    .option("--json", "print the result as JSON")
    .action(async ({ url, json }: { url: string; json?: boolean }) => {
      const statuses = await askWatch(url);
      console.log(json ? JSON.stringify(statuses, undefined, 2) : formatWatchStatus(statuses, new Date()));
    });
}

interface BuildOptions {
  readonly ref: string;
  readonly push?: string;
  readonly file: string;
  readonly context: string;
  readonly platform?: readonly string[];
  readonly buildArg?: Readonly<Record<string, string>>;
  readonly builder?: string;
  readonly caFile?: string;
  readonly submodules?: boolean;
  readonly lfs?: boolean;
  readonly moveTag?: boolean;
  readonly insecureGit?: boolean;
  readonly json?: boolean;
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value];

function collectPair(value: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, text] = /^([A-Za-z_]\w*)=(.*)$/s.exec(value) ?? [];
  if (name === undefined || text === undefined) throw new InvalidArgumentError("must be NAME=VALUE.");
  return { ...earlier, [name]: text };
}

function described({ commit, builder, image, published }: BuiltImage): string {
  if (!published) return `commit ${commit}\nimage  ${image} (${builder}); --push NAME would have pushed it`;
  const { name, tags, digest, by } = published;
  const why = {
    built: `built with ${builder}`,
    existing: "was there already: nothing was built",
    another: "another builder was quicker: his image was left in place",
  };
  return [`commit ${commit}`, `image  ${name}@${digest}`, `tags   ${tags.join(", ")}`, `       ${why[by]}`].join("\n");
}
