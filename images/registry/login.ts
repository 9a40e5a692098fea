import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../../operator/errors.ts";
import { run } from "../../operator/program.ts";
import { meaningOf } from "../../operator/system-errors.ts";
import { type ImageName, nameOf } from "./reference.ts";

const loginSchema = z.object({
  /** `user:password` in Base64. */
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});

/** What `docker login`, and `podman login` too, leave behind. Both write null for what is not there. */
const schema = z.object({
  auths: z.record(z.string(), loginSchema).nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().nullish(),
});

const answerSchema = z.object({ Username: z.string().min(1), Secret: z.string().min(1) });

/** `user:password`; or a token, which a registry with users and passwords does not take. */
type Login = string | { readonly isToken: true };
const token: Login = { isToken: true };

/** Where Docker, and where Podman and Buildah leave logins, in the order in which they are looked through. */
export function loginFiles(): string[] {
  const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = process.env;
  const files = [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    join(DOCKER_CONFIG || join(homedir(), ".docker"), "config.json"),
    join(XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, "containers") : withoutSession(), "auth.json"),
    join(XDG_CONFIG_HOME || join(homedir(), ".config"), "containers", "auth.json"),
  ];
  return [...new Set(files)];
}

/** Where Podman and Buildah leave logins of who has no session, such as cron, a service or root by sudo. */
const withoutSession = () => `/run/containers/${process.getuid?.()}`;

/** Where logins are looked for, for messages. */
export const loginPlaces = (): string =>
  loginFiles()
    .map((file) => (existsSync(file) ? file : `${file} (not there)`))
    .join(", ");

/**
 * Writes a login for a program that is to use no other.
 *
 * @param login `user:password`, if there is one
 */
export function writeLogin(file: string, host: string, login: string | undefined): void {
  const auths = login ? { [host]: { auth: Buffer.from(login).toString("base64") } } : {};
  writeFileSync(file, JSON.stringify({ auths }), { mode: 0o600 });
}

/**
 * The login that `docker login`, `podman login` or `buildah login` has left for a place in a registry.
 *
 * @returns `user:password`, or undefined where there is none.
 * @throws OperatorError for a file that cannot be read, a helper that fails, and where there is nothing but a token
 */
export async function loginOf(name: ImageName, files = loginFiles()): Promise<string | undefined> {
  let fileOfToken: string | undefined;
  for (const file of files.filter((each) => existsSync(each))) {
    const login = await loginIn(file, name);
    if (typeof login === "string") return login;
    if (login) fileOfToken ??= file;
  }
  if (fileOfToken === undefined) return undefined;
  throw new OperatorError(`there is only an identity token for ${name.host}, in ${fileOfToken}`, {
    cause: "a token is for a registry with a token service; this one takes a user and a password",
    fix: `docker login --username USER --password-stdin ${name.host}`,
  });
}

async function loginIn(file: string, name: ImageName): Promise<Login | undefined> {
  const { auths, credHelpers, credsStore } = readLogins(file);
  const own = credHelpers?.[name.host];
  if (own) return askHelper(own, name.host);
  const [key, entry] = entryFor(name, auths ?? {}) ?? [];
  const login = entry && loginOfEntry(file, key as string, entry);
  if (login || !credsStore) return login;
  const asked = askHelper(credsStore, name.host);
  // A store that the file names for all registries need not have to do with this one.
  return entry ? asked : asked.catch(() => undefined);
}

/** The entry that says most of the place: of `host/team/app`, `host/team` and `host`, the first that is there. */
function entryFor(name: ImageName, auths: Readonly<Record<string, z.infer<typeof loginSchema>>>) {
  const place = nameOf(name);
  return Object.entries(auths)
    .filter(([key]) => `${place}/`.startsWith(`${placeOf(key)}/`))
    .toSorted(([one], [another]) => placeOf(another).length - placeOf(one).length)[0];
}

/** Tools write a host as a URL too, with the version of the API or without. */
const placeOf = (key: string) => key.replace(/^https?:\/\//, "").replace(/(\/v[12])?\/?$/, "");

function loginOfEntry(
  file: string,
  key: string,
  { auth, username, password, identitytoken }: z.infer<typeof loginSchema>,
): Login | undefined {
  if (identitytoken) return token;
  if (username && password) return `${username}:${password}`;
  if (!auth) return undefined;
  const login = Buffer.from(auth, "base64").toString();
  if (/^[^:]+:./s.test(login)) return login;
  throw unreadable(file, `auths.${key}.auth`);
}

function readLogins(file: string): z.infer<typeof schema> {
  try {
    const text = readFileSync(file, "utf8");
    return text.trim() === "" ? {} : schema.parse(JSON.parse(text));
  } catch (error) {
    // Words of others could show what is in the file.
    if (error instanceof z.ZodError) throw unreadable(file, error.issues.map(({ path }) => path.join(".")).join(", "));
    throw unreadable(file, meaningOf((error as NodeJS.ErrnoException).code)?.problem ?? "it is no JSON");
  }
}

const unreadable = (file: string, cause: string) =>
  new OperatorError(`cannot read the logins in ${file}`, { cause, fix: "docker login writes it anew" });

async function askHelper(helper: string, host: string): Promise<Login | undefined> {
  const program = `docker-credential-${helper}`;
  let text: string;
  try {
    text = await run(program, ["get"], { input: host }, { totalMs: 60_000 });
  } catch (error) {
    if (error instanceof OperatorError && /credentials not found/i.test(error.details.cause ?? "")) return undefined;
    throw error;
  }
  const answer = readAnswer(text);
  if (answer) return answer.Username === "<token>" ? token : `${answer.Username}:${answer.Secret}`;
  throw new OperatorError(`${program} gives no login for ${host}`, {
    cause: "its answer has no Username and Secret",
    fix: `docker login ${host}`,
  });
}

function readAnswer(text: string): z.infer<typeof answerSchema> | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
