import { z } from "zod";
import { asOperatorError } from "../common/foreign-errors.ts";
import { looksSecret } from "../common/secrets/redact.ts";
import { withoutLogin } from "../common/url-logins.ts";
import { durationBetween } from "./duration.ts";
import type { ConfigFault } from "./errors.ts";
import { fault } from "./faults.ts";
import { type FileForm, parseForm } from "./form.ts";
import { parseRepository, repositoryShapes } from "./git-repository.ts";
import { comparableName, parseImageName } from "./image-name.ts";
import { readConfigText } from "./read.ts";
import { allowedPattern, parsePattern } from "./tag-pattern.ts";
import { listOf, text, trueOrFalse, wholeNumber } from "./values.ts";

/** Every setting of `builds.yml` is defined here. */

/** The allowed form of the id of a build's secret. */
export const allowedSecretId = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

const pathBelow = /^(?![/-])(?!(.*\/)?\.\.(\/|$))[^\0\r\n]+$/;
const imagePlace = "HOST[:PORT]/PATH";

const repository = z.strictObject({
  url: text(/^\S+$/, "the URL of a git repository").describe("Its https or ssh URL, or a folder. Without credentials."),
  tags: text(/\S/, allowedPattern)
    .refine((pattern) => parsePattern(pattern) !== undefined, { error: allowedPattern })
    .describe("Git tags to build: a glob, or a range of versions."),
  image: text(/^\S+$/, "HOST[:PORT]/PATH")
    .optional()
    .describe("Where its images go, without a tag. Overrides the `image` above."),
  file: text(pathBelow, "a path below the context, without `..`").default("Dockerfile").describe("The Dockerfile."),
  context: text(pathBelow, "a path below the repository, without `..`").default(".").describe("Folder to build from."),
  platforms: listOf(text(/^\w+\/\w+(\/\w+)?$/, "a platform such as linux/arm64"), 0, 8, "a list of up to 8 platforms")
    .default([])
    .describe("Platforms to build for. An empty list means the builder's own."),
  buildArgs: z
    .record(
      z.string().regex(/^[A-Za-z_]\w*$/, "a name of letters, digits and _"),
      z.string("text"),
      "names, each with a text",
    )
    .default({})
    .describe("Build arguments. Everybody can read them in the image, so values that look like secrets are refused."),
  secrets: z
    .record(
      z.string().regex(allowedSecretId, "an id of letters, digits and _ . -"),
      text(/^\/[^\0]*$/, "the absolute path of a file on the builder"),
      "ids, each with a path",
    )
    .default({})
    .describe("Files for `RUN --mount=type=secret,id=ID`, by their ids. They do not become part of the image."),
  loginForBases: trueOrFalse()
    .default(false)
    .describe(
      "Whether a builder node may pull base images with its own login. A build that breaks out of its container could then steal the login.",
    ),
  submodules: trueOrFalse().default(false).describe("Whether to fetch submodules."),
  provenance: trueOrFalse()
    .default(false)
    .describe("Whether to attach a record of how the image was built. Needs BuildKit."),
  sbom: trueOrFalse().default(false).describe("Whether to attach a list of the software in the image. Needs BuildKit."),
  lfs: trueOrFalse().default(false).describe("Whether to fetch git LFS files."),
});

export const buildsSchema = z.strictObject({
  image: text(/^\S+$/, "HOST[:PORT]/PATH, with {name} where the repository's name goes")
    .optional()
    .describe("Where images go: {name} stands for the repository's name below."),
  pollInterval: durationBetween("5s", "24h")
    .prefault("60s")
    .describe("How often each repository is polled, plus or minus a tenth."),
  concurrency: wholeNumber(1, 16).default(2).describe("How many images are built at once."),
  listen: text(/^(\d+(\.\d+){3}|\[[0-9a-f:]+\]):\d{1,5}$/, "ADDRESS:PORT")
    .default("127.0.0.1:9180")
    .describe("Where health, metrics, status and webhooks are served, over plain HTTP."),
  webhookSecretFile: text(/^\//, "an absolute path")
    .optional()
    .describe("File with the secret that webhooks are signed with. Without it, webhooks are off."),
  sign: text(/^\S+$/, "a key as cosign takes it: a file, or the URI of a KMS")
    .optional()
    .describe("Key with which cosign signs images. COSIGN_PASSWORD decrypts a key file."),
  repositories: z
    .record(
      z.string().regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, "a name of lower-case letters, digits, and . _ - between them"),
      repository,
      "a name for each repository, with its url and tags below it",
    )
    .describe("The repositories to build, each under a name."),
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

function brokenRules(config: Builds, name: string): ConfigFault[] {
  const { url, image, buildArgs } = config.repositories[name] as BuildsRepository;
  const path = `repositories.${name}`;
  const faults: ConfigFault[] = secretArgs(buildArgs).map((arg) => ({
    path: `${path}.buildArgs.${arg}`,
    problem: "looks like a secret, but everybody can read build arguments in the image",
    allowed: "values that everybody may know",
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
    faults.push({ path: `${path}.url`, problem: "it contains credentials", allowed: "a URL without credentials", fix });
  }
  return faults;
}

/**
 * Everybody can read build arguments: in the image, in its history and in diffs of the config.
 *
 * @returns names of those that look like secrets
 */
export const secretArgs = (buildArgs: Readonly<Record<string, string>>): string[] =>
  Object.entries(buildArgs).flatMap(([name, value]) => (looksSecret(name, value) ? [name] : []));

/** Two repositories with one image name would overwrite each other's tags. */
function sharedImages(config: Builds): ConfigFault[] {
  const names = Object.keys(config.repositories);
  return names.flatMap((name, i) => {
    const image = imageOf(config, name);
    const place = placeOf(image);
    const first = names
      .slice(0, i)
      .find((earlier) => place !== undefined && placeOf(imageOf(config, earlier)) === place);
    if (first === undefined) return [];
    const path = config.repositories[name]?.image === undefined ? "image" : `repositories.${name}.image`;
    const fix = "put {name} into image, or give one of them its own image";
    return [
      {
        path,
        value: image,
        problem: `is also where the images of ${first} go`,
        allowed: "a separate place for each repository",
        fix,
      },
    ];
  });
}

/** @returns undefined for an invalid place, which is reported separately */
function placeOf(image: string): string | undefined {
  try {
    return comparableName(parseImageName(image));
  } catch {
    return undefined;
  }
}

/** Turns the error of a check into a fault of the file. */
function asFault(path: string, allowed: string, check: () => unknown, value?: string): ConfigFault[] {
  try {
    check();
    return [];
  } catch (error) {
    const { message, details } = asOperatorError(error);
    const problem = details.cause ? `${message}: ${details.cause}` : message;
    return [{ path, problem, value, allowed, fix: details.fix }];
  }
}
