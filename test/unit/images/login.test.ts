import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loginFiles, loginOf } from "../../../images/registry/login.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "logins-"));
  vi.stubEnv("REGISTRY_AUTH_FILE", join(folder, "given.json"));
  vi.stubEnv("DOCKER_CONFIG", join(folder, "docker"));
  vi.stubEnv("XDG_RUNTIME_DIR", join(folder, "run"));
  vi.stubEnv("XDG_CONFIG_HOME", join(folder, "config"));
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function write(path: string, content: object | string, mode = 0o600): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content), { mode });
}

const auths = (login: string, host = "r.example") => ({
  auths: { [host]: { auth: Buffer.from(login).toString("base64") } },
});
const helper = (login: string) =>
  write(
    "docker-credential-test",
    `#!/bin/sh\nread host; [ "$host" = r.example ] || { echo credentials not found; exit 1; }\necho '${login}'\n`,
    0o755,
  );

describe("the login of a registry", () => {
  it.each(["given.json", "docker/config.json", "run/containers/auth.json", "config/containers/auth.json"])(
    "is found where a container tool has left it: %s",
    async (path) => {
      write(path, auths("ci:secret"));
      expect(await loginOf("r.example")).toBe("ci:secret");
      expect(await loginOf("other.example")).toBeUndefined();
      expect(loginFiles()).toContain(join(folder, path));
    },
  );

  it("is that of the first file that has one", async () => {
    write("docker/config.json", auths("ci:other", "other.example"));
    write("run/containers/auth.json", auths("ci:run"));
    write("config/containers/auth.json", auths("ci:config"));
    expect(await loginOf("r.example")).toBe("ci:run");
  });

  it("may be in a store that a file names, without a word about the registry", async () => {
    write("docker/config.json", { credsStore: "test" });
    helper('{"Username":"ci","Secret":"stored"}');
    expect(await loginOf("r.example")).toBe("ci:stored");
    expect(await loginOf("other.example")).toBeUndefined();
  });

  it("is looked for elsewhere where such a store is not there", async () => {
    write("docker/config.json", { credsStore: "missing" });
    write("run/containers/auth.json", auths("ci:run"));
    expect(await loginOf("r.example")).toBe("ci:run");
  });
});
