import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { describe, expect, it } from "vitest";
import { generatePassword, withUser } from "../../access/users.ts";

const missing = execaSync("htpasswd", [], { reject: false }).code === "ENOENT";
const suite = missing
  ? "htpasswd (skipped: there is no htpasswd on PATH; install the package apache2-utils)"
  : "htpasswd";

describe.skipIf(missing)(suite, () => {
  it("accepts each user's own password only", async () => {
    const folder = mkdtempSync(join(tmpdir(), "htpasswd-"));
    try {
      const passwords = { admin: generatePassword(), zoe: generatePassword() };
      const file = join(folder, "htpasswd");
      writeFileSync(file, await withUser(await withUser("", "admin", passwords.admin), "zoe", passwords.zoe));
      const exitCode = async (user: string, password: string) =>
        (await execa("htpasswd", ["-vi", file, user], { input: password, reject: false })).exitCode;

      expect(await exitCode("admin", passwords.admin)).toBe(0);
      expect(await exitCode("zoe", passwords.zoe)).toBe(0);
      expect(await exitCode("zoe", passwords.admin)).toBe(3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
