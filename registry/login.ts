import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../common/errors.ts";
import { readJson } from "../common/json.ts";
import { run } from "../common/program.ts";
import { whyUnreadable } from "../common/system-errors.ts";
import { type ImageName, nameOf } from "../config/image-name.ts";

const loginSchema = z.object({
  /** `user:password` in Base64. */
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});

/** The file that `docker login` and `podman login` write. Both write null for missing parts. */
const schema = z.object({
  auths: z.record(z.string(), loginSchema).nullish(),
  credHelpers: z.record(z.string(), z.string()).nullish(),
  credsStore: z.string().nullish(),
});

const answerSchema = z.object({ Username: z.string().min(1), Secret: z.string().min(1) });

/** `user:password`; or a token, which a registry with users and passwords does not accept. */
type Login = string | { readonly isToken: true };
const token: Login = { isToken: true };

/** The files in which Docker, Podman and Buildah keep logins, in search order. */
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

/** Where Podman and Buildah keep logins of users without a session, such as cron, a service or root through sudo. */
const withoutSession = () => `/run/containers/${process.getuid?.()}`;

/** Where logins are looked for, for messages. */
export const loginPlaces = (): string =>
  loginFiles()
    .map((file) => (existsSync(file) ? file : `${file} (not there)`))
    .join(", ");

/**
 * Writes a login file for a program that must use no other login.
 *
 * @param login `user:password`, if there is one
 */
export function writeLogin(file: string, host: string, login: string | undefined): void {
  const auths = login ? { [host]: { auth: Buffer.from(login).toString("base64") } } : {};
  writeFileSync(file, JSON.stringify({ auths }), { mode: 0o600 });
}

/**
 * The login that `docker login`, `podman login` or `buildah login` has stored for a place in a registry.
 *
 * @returns `user:password`, or undefined if there is none
 * @throws OperatorError if a file cannot be read, a helper fails, or there is only a token
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
  // A store for all registries may fail because it has nothing for this one.
  return entry ? asked : asked.catch(() => undefined);
}

/** The most specific entry: of `host/team/app`, `host/team` and `host`, the first that exists. */
function entryFor(name: ImageName, auths: Readonly<Record<string, z.infer<typeof loginSchema>>>) {
  const place = nameOf(name);
  return Object.entries(auths)
    .filter(([key]) => `${place}/`.startsWith(`${placeOf(key)}/`))
    .toSorted(([one], [another]) => placeOf(another).length - placeOf(one).length)[0];
}

/** Some tools write the host as a URL, with or without the API version. */
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
    // A parser's message could reveal what is in the file.
    if (error instanceof z.ZodError) throw unreadable(file, error.issues.map(({ path }) => path.join(".")).join(", "));
    throw unreadable(file, whyUnreadable(error, "it is not JSON"));
  }
}

const unreadable = (file: string, cause: string) =>
  new OperatorError(`cannot read the logins in ${file}`, { cause, fix: "docker login rewrites it" });

async function askHelper(helper: string, host: string): Promise<Login | undefined> {
  const program = `docker-credential-${helper}`;
  let text: string;
  try {
    text = await run(program, ["get"], { input: host }, { totalMs: 60_000 });
  } catch (error) {
    if (error instanceof OperatorError && /credentials not found/i.test(error.details.cause ?? "")) return undefined;
    throw error;
  }
  const answer = answerSchema.safeParse(readJson(text)).data;
  if (answer) return answer.Username === "<token>" ? token : `${answer.Username}:${answer.Secret}`;
  throw new OperatorError(`${program} gives no login for ${host}`, {
    cause: "its answer has no Username and Secret",
    fix: `docker login ${host}`,
  });
}
