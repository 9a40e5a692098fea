import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ResultPromise } from "execa";
import { withUser } from "../../../access/users.ts";
import { runRegistry, untilListening } from "../chain/programs.ts";
import { write } from "../files.ts";
import { freePort } from "../moto.ts";

export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** A folder with the file that `docker login` writes. */
  readonly logins: string;
  ask(path: string, accept?: string): Promise<Response>;
  stop(): Promise<void>;
}

const user = "ci";
const password = "a-password-that-nobody-may-see";

/** The registry that the cluster runs, with its files in a folder. */
export async function startRegistry(folder: string): Promise<TestRegistry> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const htpasswd = write(join(folder, "htpasswd"), await withUser("", user, password));
  const config = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "storage") }, delete: { enabled: true } },
    auth: { htpasswd: { realm: "test", path: htpasswd } },
    http: { addr: host },
  };
  const registry: ResultPromise = runRegistry(write(join(folder, "registry.yml"), JSON.stringify(config)), "");
  await untilListening(port);
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  const logins = join(folder, "logins");
  mkdirSync(logins);
  write(join(logins, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }), 0o600);
  return {
    host,
    logins,
    ask: (path, accept = "application/vnd.oci.image.manifest.v1+json") =>
      fetch(`http://${host}/v2/${path}`, { headers: { authorization: `Basic ${auth}`, accept } }),
    async stop() {
      registry.kill();
      await registry;
    },
  };
}
