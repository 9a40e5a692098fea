import { z } from "zod";
import { durationBetween } from "../../config/duration.ts";
import type { Fault } from "../../config/errors.ts";
import { fault } from "../../config/faults.ts";
import { type FileForm, parseForm } from "../../config/form.ts";
import { readConfigText } from "../../config/read.ts";
import { listOf, text, trueOrFalse, wholeNumber } from "../../config/values.ts";
import { withoutLogin } from "../../operator/addresses.ts";
import { asOperatorError } from "../../operator/foreign-errors.ts";
import { allowedSecretId, secretArgs } from "../build-secrets.ts";
import { parseRepository, repositoryShapes } from "../git/repository.ts";
import { comparableName, parseImageName } from "../registry/reference.ts";
import { allowedPattern, parsePattern } from "./pattern.ts";

/** The one home of every setting of `builds.yml`. */

const pathBelow = /^(?![/-])(?!(.*\/)?\.\.(\/|$))[^\0\r\n]+$/;
const imagePlace = "HOST[:PORT]/PATH";

const repository = z.strictObject({
  url: text(/^\S+$/, "the URL of a git repository").describe(
    "Where it is: https, ssh, or a folder. Without credentials.",
  ),
  tags: text(/\S/, allowedPattern)
    .refine((pattern) => parsePattern(pattern) !== undefined, { error: allowedPattern })
    .describe("Git tags to build: a glob, or a range of versions."),
  image: text(/^\S+$/, "HOST[:PORT]/PATH")
    .optional()
    .describe("Where its images go, without a tag, when that is not as `image` says for all."),
  file: text(pathBelow, "a path below the context, without `..`").default("Dockerfile").describe("The Dockerfile."),
  context: text(pathBelow, "a path below the repository, without `..`").default(".").describe("Folder to build from."),
  platforms: listOf(text(/^\w+\/\w+(\/\w+)?$/, "a platform such as linux/arm64"), 0, 8, "a list of up to 8 platforms")
    .default([])
    .describe("Platforms to build for; none is that of the builder."),
  buildArgs: z
    .record(
      z.string().regex(/^[A-Za-z_]\w*$/, "a name of letters, digits and _"),
      z.string("text"),
      "names, each with a text",
    )
    .default({})
    .describe("Arguments of the build. They are in the image for all to see: what looks like a secret is refused."),
  secrets: z
    .record(
      z.string().regex(allowedSecretId, "an id of letters, digits and _ . -"),
      text(/^\/[^\0]*$/, "the absolute path of a file on the builder"),
      "ids, each with a path",
    )
    .default({})
    .describe("Files for `RUN --mount=type=secret,id=ID`, by their ids. They are in no image."),
  loginForBases: trueOrFalse()
    .default(false)
    .describe(
      "Whether a builder node may pull base images with its own login. A build that breaks out of its container could then take the login.",
    ),
  submodules: trueOrFalse().default(false).describe("Whether to fetch submodules."),
  provenance: trueOrFalse().default(false).describe("Whether to attach how an image was built; with BuildKit only."),
  sbom: trueOrFalse().default(false).describe("Whether to attach a list of the software in it; with BuildKit only."),
  lfs: trueOrFalse().default(false).describe("Whether to fetch the files that git LFS keeps."),
});

export const buildsSchema = z.strictObject({
  image: text(/^\S+$/, "HOST[:PORT]/PATH, with {name} where the repository's name goes")
    .optional()
    .describe("Where images go: {name} stands for the repository's name below."),
  pollInterval: durationBetween("5s", "24h")
    .prefault("60s")
    .describe("How often repositories are asked, give or take a tenth."),
  concurrency: wholeNumber(1, 16).default(2).describe("How many images are built at once."),
  listen: text(/^(\d+(\.\d+){3}|\[[0-9a-f:]+\]):\d{1,5}$/, "ADDRESS:PORT")
    .default("127.0.0.1:9180")
    .describe("Where health, metrics, status and webhooks are served, in plain HTTP."),
  webhookSecretFile: text(/^\//, "an absolute path")
    .optional()
    .describe("File with the secret that webhooks are signed with. Without it there are none."),
  sign: text(/^\S+$/, "a key as cosign takes it: a file, or the URI of a KMS")
    .optional()
    .describe("Key that cosign signs images with. COSIGN_PASSWORD opens a file."),
  repositories: z
    .record(
      z.string().regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, "a name of lower-case letters, digits, and . _ - between them"),
      repository,
      "a name for each repository, with its url and tags below it",
    )
    .describe("What to build, by a name for each."),
});

export type Builds = z.infer<typeof buildsSchema>;
export type BuildsRepository = Builds["repositories"][string];

const form: FileForm<typeof buildsSchema> = {
  schema: buildsSchema,
  brokenRules: (config) =>
    config
      ? [...Object.keys(config.repositories).flatMap((name) => brokenRules(config, name)), ...sharedImages(config)]
      : [],
  example: "builds.example.yml",
};

/**
 * Reads what to build.
 *
 * @throws ConfigError with every fault of the file
 */
export function loadBuilds(path: string): Builds {
  return parseBuilds(readBuilds(path), path);
}

/** @throws ConfigError when there is no such text */
export function readBuilds(path: string): string {
  return readConfigText(path, form.example);
}

/**
 * @param fileName - what error messages call the file
 * @throws ConfigError with every fault of the text
 */
export function parseBuilds(text: string, fileName: string): Builds {
  return parseForm(form, text, fileName);
}

/** Where the images of a repository go. */
export function imageOf({ image, repositories }: Builds, name: string): string {
  return (repositories[name]?.image ?? image ?? "").replaceAll("{name}", name);
}

function brokenRules(config: Builds, name: string): Fault[] {
  const { url, image, buildArgs } = config.repositories[name] as BuildsRepository;
  const path = `repositories.${name}`;
  const faults: Fault[] = secretArgs(buildArgs).map((arg) => ({
    path: `${path}.buildArgs.${arg}`,
    problem: "looks like a secret, and arguments are in the image for all to see",
    allowed: "what everybody may know",
    fix: `put it into a file on the builder, name that under ${path}.secrets, and read it with RUN --mount=type=secret`,
  }));
  if (image === undefined && config.image === undefined) {
    faults.push(fault.missing(`${path}.image`, imagePlace, "or an image for all: HOST/{name}"));
  } else {
    const imagePath = image === undefined ? "image" : `${path}.image`;
    const value = image ?? config.image;
    faults.push(...asFault(imagePath, imagePlace, () => parseImageName(imageOf(config, name)), value));
  }
  faults.push(...asFault(`${path}.url`, repositoryShapes, () => parseRepository(url), withoutLogin(url)));
  if (url !== withoutLogin(url) && !url.startsWith("ssh:")) {
    const fix = "give git a credential helper, or put the login into ~/.netrc";
    faults.push({ path: `${path}.url`, problem: "it holds credentials", allowed: "a URL without credentials", fix });
  }
  return faults;
}

/** Two repositories with one image name would fight for its tags. */
function sharedImages(config: Builds): Fault[] {
  const names = Object.keys(config.repositories);
  return names.flatMap((name, i) => {
    const image = imageOf(config, name);
    const place = placeOf(image);
    const first = names
      .slice(0, i)
      .find((earlier) => place !== undefined && placeOf(imageOf(config, earlier)) === place);
    if (first === undefined) return [];
    const path = config.repositories[name]?.image === undefined ? "image" : `repositories.${name}.image`;
    const fix = "put {name} into image, or give one of them an image of its own";
    return [
      {
        path,
        value: image,
        problem: `is where the images of ${first} go too`,
        allowed: "a place of its own for each repository",
        fix,
      },
    ];
  });
}

/** @returns undefined for what is no place, which is a fault of its own */
function placeOf(image: string): string | undefined {
  try {
    return comparableName(parseImageName(image));
  } catch {
    return undefined;
  }
}

/** What a function refuses, as a fault of the file. */
function asFault(path: string, allowed: string, check: () => unknown, value?: string): Fault[] {
  try {
    check();
    return [];
  } catch (error) {
    const { message, details } = asOperatorError(error);
    const problem = details.cause ? `${message}: ${details.cause}` : message;
    return [{ path, problem, value, allowed, fix: details.fix }];
  }
}
