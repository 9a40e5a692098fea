import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../common/errors.ts";
import { isLoopback } from "../common/loopback.ts";
import { run } from "../common/program.ts";
import { type ImageName, nameOf } from "../config/image-name.ts";
import { writeLogin } from "../registry/login.ts";
import { fixFor, type KnownFixes } from "./known-fixes.ts";

export interface SignProps {
  readonly name: ImageName;
  readonly digest: string;
  /** A file, or the URI of a KMS, as cosign expects it. COSIGN_PASSWORD holds the password of a file. */
  readonly key: string;
  /** `user:password` of the registry. */
  readonly login?: string;
  readonly caFile?: string;
  /** A new folder that nobody else can read. */
  readonly folder: string;
}

/**
 * Signs an image with cosign. The signature is an image with a tag of its own, because the registry has no referrers API. Nothing
 * goes to a public log, which would reveal names of private images.
 *
 * @throws OperatorError if cosign is missing or fails
 */
export async function sign({ name, digest, key, login, caFile, folder }: SignProps): Promise<void> {
  const version = await run("cosign", ["version"]).catch(() => undefined);
  if (version === undefined) {
    throw new OperatorError("cosign is not installed here, and the image is to be signed", {
      fix: "install cosign, or leave out the key",
    });
  }
  const config = join(folder, "cosign");
  mkdirSync(config, { recursive: true });
  writeLogin(join(config, "config.json"), name.host, login);
  const signing = run(
    "cosign",
    [
      ...["sign", "--yes", "--key", key, "--registry-referrers-mode=legacy", ...withoutLog],
      ...(caFile ? [`--registry-cacert=${caFile}`] : []),
      ...(!caFile && isLoopback(name.host) ? ["--allow-insecure-registry", "--allow-http-registry"] : []),
      `${nameOf(name)}@${digest}`,
    ],
    // Without a password in the environment cosign would ask for one.
    { env: { DOCKER_CONFIG: config, COSIGN_PASSWORD: process.env.COSIGN_PASSWORD ?? "" } },
    { totalMs: longestSigningMs },
  );
  await signing.catch((error: unknown) => {
    if (!(error instanceof OperatorError)) throw error;
    const words = (error.details.cause ?? "").split(/\n\s*/);
    const cause = words.find((line) => line.startsWith("Error: "))?.replace("Error: ", "") ?? words.join("\n        ");
    const fix = fixFor(cause, fixes) ?? "correct what cosign reports, and try again";
    throw new OperatorError(`cannot sign ${nameOf(name)} with the key ${key}`, { cause, fix });
  });
}

const fixes: KnownFixes = [
  [/decrypt|password/i, "set COSIGN_PASSWORD to the password of the key"],
  [/reading key|loading URL|no such file/i, "name an existing key: a file made by cosign, or the URI of a KMS"],
  [/unauthorized|denied|forbidden/i, "docker login, with a user who may push to the registry"],
];

/** A key may be in a KMS that is slow to answer. */
const longestSigningMs = 600_000;

const withoutLog = ["--tlog-upload=false", "--use-signing-config=false", "--new-bundle-format=false"];

/** The tag that cosign gives the signature of an image. */
export const signatureTagOf = (digest: string) => `${digest.replace(":", "-")}.sig`;
