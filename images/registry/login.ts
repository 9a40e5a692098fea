import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { OperatorError } from "../../operator/errors.ts";
import { run } from "../../operator/program.ts";

/** What `docker login`, and `podman login` too, leave behind. */
const schema = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});

/** Where Docker, and where Podman and Buildah leave logins, in the order in which they are looked through. */
export function loginFiles(): string[] {
  const { DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = process.env;
  return [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    join(DOCKER_CONFIG || join(homedir(), ".docker"), "config.json"),
    ...(XDG_RUNTIME_DIR ? [join(XDG_RUNTIME_DIR, "containers", "auth.json")] : []),
    join(XDG_CONFIG_HOME || join(homedir(), ".config"), "containers", "auth.json"),
  ];
}

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
 * The login that `docker login`, `podman login` or `buildah login` has left for a registry.
 *
 * @returns `user:password`, or undefined where there is none.
 * @throws OperatorError for a file that cannot be read
 */
export async function loginOf(host: string, files = loginFiles()): Promise<string | undefined> {
  for (const file of files.filter((each) => existsSync(each))) {
    const login = await loginIn(file, host);
    if (login !== undefined) return login;
  }
  return undefined;
}

async function loginIn(file: string, host: string): Promise<string | undefined> {
  const { auths, credHelpers, credsStore } = readLogins(file);
  const { auth } = auths[host] ?? auths[`https://${host}`] ?? auths[`https://${host}/v2/`] ?? {};
  const helper = credHelpers[host] ?? (auth ? undefined : credsStore);
  // A store that the file names for all registries need not have to do with this one.
  const isForThis = helper === credHelpers[host] || host in auths;
  if (helper) return isForThis ? askHelper(helper, host) : askHelper(helper, host).catch(() => undefined);
  return auth ? Buffer.from(auth, "base64").toString() : undefined;
}

function readLogins(file: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    // Its words could show what is in the file.
    const cause =
      error instanceof z.ZodError ? error.issues.map(({ path }) => path.join(".")).join(", ") : "it is no JSON";
    throw new OperatorError(`cannot read the logins in ${file}`, { cause, fix: "docker login writes it anew" });
  }
}

async function askHelper(helper: string, host: string): Promise<string | undefined> {
  try {
    const answer = JSON.parse(
      await run(`docker-credential-${helper}`, ["get"], { input: host }, { totalMs: 60_000 }),
    ) as Record<string, string>;
    return `${answer.Username}:${answer.Secret}`;
  } catch (error) {
    if (error instanceof OperatorError && /credentials not found/i.test(error.details.cause ?? "")) return undefined;
    throw error;
  }
}
