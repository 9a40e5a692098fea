import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorError } from "../operator/errors.ts";
import { looksSecret, redacted } from "../operator/secrets/redact.ts";
import { meaningOf } from "../operator/system-errors.ts";

/** A secret that a build may read with `RUN --mount=type=secret,id=ID`. It is in no layer, label or log. */
export interface BuildSecret {
  readonly id: string;
  /** Where it is: a file, or a variable of the environment. */
  readonly from: { readonly file: string } | { readonly variable: string };
}

/** A secret where a builder finds it. */
export interface PlacedSecret {
  readonly id: string;
  readonly file: string;
}

/** What the id of a secret may be, for messages. */
export const allowedSecretId = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/** As much as BuildKit takes. */
const largestSecretBytes = 500 * 1024;

/**
 * Reads `id=NAME,src=FILE` or `id=NAME,env=VARIABLE`, as Docker and Buildah have it.
 *
 * @returns undefined for anything else
 */
export function parseBuildSecret(text: string): BuildSecret | undefined {
  const [, id = "", kind, value] = /^id=([^,]*),(src|source|env)=(.+)$/.exec(text) ?? [];
  if (!allowedSecretId.test(id) || value === undefined) return undefined;
  return { id, from: kind === "env" ? { variable: value } : { file: value } };
}

/**
 * Puts secrets into files that nobody else can read and whose names are ours: no list of processes shows more of them.
 *
 * @throws OperatorError for one that is not there
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
    new OperatorError(`the build's secret ${id} cannot be had`, { cause, fix });
  if ("variable" in from) {
    const value = process.env[from.variable];
    if (value) return Buffer.from(value);
    throw refuse(`the variable ${from.variable} is not set`, "export it, or name a file: src=FILE");
  }
  let content: Buffer;
  try {
    content = readFileSync(from.file);
  } catch (error) {
    const why = meaningOf((error as NodeJS.ErrnoException).code)?.problem ?? "it cannot be read";
    throw refuse(`${from.file}: ${why}`, "name a file that is there, and that this user may read");
  }
  if (content.length > 0 && content.length <= largestSecretBytes) return content;
  throw refuse(`${from.file} has ${content.length} bytes`, `name a file of 1 to ${largestSecretBytes} bytes`);
}

/** Options of Docker, Buildah and BuildKit's own client, which all have the same. */
export const secretOptions = (secrets: readonly PlacedSecret[]): string[] =>
  secrets.flatMap(({ id, file }) => ["--secret", `id=${id},src=${file}`]);

/** What a RUN prints is logged, and may be what it was given. @returns what hides each line of each secret */
export function hiderOf(secrets: readonly PlacedSecret[]): (text: string) => string {
  const words = secrets
    .flatMap(({ file }) => readFileSync(file, "utf8").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line.length >= 4)
    .toSorted((one, other) => other.length - one.length);
  return (text) => words.reduce((kept, word) => kept.replaceAll(word, redacted), text);
}

/**
 * Arguments of a build are in the image, its history and the diff of a config, for all to see.
 *
 * @returns names of those that look like secrets
 */
export const secretArgs = (buildArgs: Readonly<Record<string, string>>): string[] =>
  Object.entries(buildArgs).flatMap(([name, value]) => (looksSecret(name, value) ? [name] : []));
