import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../common/errors.ts";
import { redacted } from "../common/secrets/redact.ts";
import { whyUnreadable } from "../common/system-errors.ts";
import { allowedSecretId } from "../config/builds.ts";

/** A secret that a build may read with `RUN --mount=type=secret,id=ID`. It appears in no layer, label or log. */
export interface BuildSecret {
  readonly id: string;
  /** Where it is: a file, or an environment variable. */
  readonly from: { readonly file: string } | { readonly variable: string };
}

/** A secret in a file, ready for a builder. */
export interface PlacedSecret {
  readonly id: string;
  readonly file: string;
}

/** BuildKit's limit. */
const largestSecretBytes = 500 * 1024;

/**
 * Reads `id=NAME,src=FILE` or `id=NAME,env=VARIABLE`, as Docker and Buildah do.
 *
 * @returns undefined for anything else
 */
export function parseBuildSecret(text: string): BuildSecret | undefined {
  const [, id = "", kind, value] = /^id=([^,]*),(src|source|env)=(.+)$/.exec(text) ?? [];
  if (!allowedSecretId.test(id) || value === undefined) return undefined;
  return { id, from: kind === "env" ? { variable: value } : { file: value } };
}

/**
 * Puts secrets into private files with names of our own, so that a process list shows nothing of them.
 *
 * @throws OperatorError if one is missing
 */
export function placeSecrets(secrets: readonly BuildSecret[], folder: string): PlacedSecret[] {
  return secrets.map((secret, i) => {
    const file = join(folder, `secret-${i}`);
    writeFileSync(file, contentOf(secret), { mode: 0o600 });
    return { id: secret.id, file };
  });
}

function contentOf({ id, from }: BuildSecret): Buffer {
  const refuse = (cause: string, fix: string) =>
    new OperatorError(`cannot read the build secret ${id}`, { cause, fix });
  if ("variable" in from) {
    const value = process.env[from.variable];
    if (value) return Buffer.from(value);
    throw refuse(`the variable ${from.variable} is not set`, "export it, or name a file: src=FILE");
  }
  let content: Buffer;
  try {
    content = readFileSync(from.file);
  } catch (error) {
    throw refuse(`${from.file}: ${whyUnreadable(error)}`, "name an existing file that this user may read");
  }
  if (content.length > 0 && content.length <= largestSecretBytes) return content;
  throw refuse(`${from.file} has ${content.length} bytes`, `name a file of 1 to ${largestSecretBytes} bytes`);
}

/** The options are the same for Docker, Buildah and BuildKit's own client. */
export const secretOptions = (secrets: readonly PlacedSecret[]): string[] =>
  secrets.flatMap(({ id, file }) => ["--secret", `id=${id},src=${file}`]);

/** A RUN may print its secrets, and its output is logged. @returns a function that hides each line of each secret */
export function hiderOf(secrets: readonly PlacedSecret[]): (text: string) => string {
  const words = secrets
    .flatMap(({ file }) => readFileSync(file, "utf8").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line.length >= 4)
    .toSorted((one, other) => other.length - one.length);
  return (text) => words.reduce((kept, word) => kept.replaceAll(word, redacted), text);
}
