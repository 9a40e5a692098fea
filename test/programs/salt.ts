import { join } from "node:path";
import { checkout } from "../../common/checkout.ts";
import { ensureEnvironment } from "../tools/python/venv.ts";

/** The same Salt that nodes run, installed once and kept in the cache. Needs Python 3.11. @returns the path of salt-call */
export async function saltForTests(): Promise<string> {
  const programs = await ensureEnvironment({
    name: "salt",
    python: "python3.11",
    requirements: join(checkout, "salt", "requirements.txt"),
    pipOptions: ["--disable-pip-version-check", "--require-hashes"],
  });
  return join(programs, "salt-call");
}
