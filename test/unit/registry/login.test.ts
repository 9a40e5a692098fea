import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OperatorError } from "../../../common/errors.ts";
import { loginFiles, loginOf, loginPlaces } from "../../../registry/login.ts";

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

const encoded = (login: string) => Buffer.from(login).toString("base64");
const auths = (login: string, host = "r.example") => ({ auths: { [host]: { auth: encoded(login) } } });
const app = { host: "r.example", path: "team/app" };
const other = { host: "other.example", path: "team/app" };
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
      expect(await loginOf(app)).toBe("ci:secret");
      expect(await loginOf(other)).toBeUndefined();
      expect(loginFiles()).toContain(join(folder, path));
    },
  );

  it.each([".docker/config.json", ".config/containers/auth.json"])(
    "is found at home when no variable names another place: %s",
    async (path) => {
      for (const name of ["REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"]) {
        vi.stubEnv(name, "");
      }
      vi.stubEnv("HOME", folder);
      write(path, auths("ci:home"));
      expect(await loginOf(app)).toBe("ci:home");
    },
  );

  it("is looked for where Podman leaves it without a session: root, cron, a service", () => {
    vi.stubEnv("XDG_RUNTIME_DIR", "");
    expect(loginFiles()).toContain(`/run/containers/${process.getuid?.()}/auth.json`);
  });

  it("is that of the first file that has one", async () => {
    write("docker/config.json", auths("ci:other", "other.example"));
    write("run/containers/auth.json", auths("ci:run"));
    write("config/containers/auth.json", auths("ci:config"));
    expect(await loginOf(app)).toBe("ci:run");
  });

  it.each([
    "https://r.example",
    "https://r.example/",
    "http://r.example",
    "r.example/",
    "https://r.example/v1/",
    "https://r.example/v2/",
    "https://r.example/v2",
  ])("is found by each way in which tools write its host: %s", async (key) => {
    write("docker/config.json", auths("ci:secret", key));
    expect(await loginOf(app)).toBe("ci:secret");
  });

  it("may be for a part of the registry: the one that says most counts", async () => {
    const logins = { "r.example": "ci:host", "r.example/team": "ci:team", "r.example/team/app": "ci:app" };
    const entries = Object.entries(logins).map(([key, login]) => [key, { auth: encoded(login) }]);
    write("run/containers/auth.json", { auths: Object.fromEntries(entries) });
    expect(await loginOf(app)).toBe("ci:app");
    expect(await loginOf({ ...app, path: "team/application" })).toBe("ci:team");
    expect(await loginOf({ ...app, path: "teams" })).toBe("ci:host");
  });

  it("may be for a part of the registry only", async () => {
    write("run/containers/auth.json", auths("ci:team", "r.example/team"));
    expect(await loginOf(app)).toBe("ci:team");
    expect(await loginOf({ ...app, path: "other" })).toBeUndefined();
  });

  it("may have colons in its password, and letters that are not ASCII", async () => {
    write("docker/config.json", auths("ci:a:b:\u00fc"));
    expect(await loginOf(app)).toBe("ci:a:b:\u00fc");
  });

  it("may be written as user and password", async () => {
    write("docker/config.json", { auths: { "r.example": { username: "ci", password: "secret" } } });
    expect(await loginOf(app)).toBe("ci:secret");
  });

  it("may be in a store that a file names, without a word about the registry", async () => {
    write("docker/config.json", { credsStore: "test" });
    helper('{"Username":"ci","Secret":"stored"}');
    expect(await loginOf(app)).toBe("ci:stored");
    expect(await loginOf(other)).toBeUndefined();
  });

  it("may be in a store, and named without a login, as Docker does", async () => {
    write("docker/config.json", { auths: { "r.example": {} }, credsStore: "test" });
    helper('{"Username":"ci","Secret":"stored"}');
    expect(await loginOf(app)).toBe("ci:stored");
  });

  it("may be in a helper of its own, which counts more than a store and a login beside it", async () => {
    write("docker/config.json", { ...auths("ci:old"), credHelpers: { "r.example": "test" }, credsStore: "missing" });
    helper('{"Username":"ci","Secret":"helped"}');
    expect(await loginOf(app)).toBe("ci:helped");
  });

  it("is looked for elsewhere where such a store is not there", async () => {
    write("docker/config.json", { credsStore: "missing" });
    write("run/containers/auth.json", auths("ci:run"));
    expect(await loginOf(app)).toBe("ci:run");
  });

  it("is not looked for elsewhere where the registry's own helper is not there", async () => {
    write("docker/config.json", { credHelpers: { "r.example": "missing" } });
    write("run/containers/auth.json", auths("ci:run"));
    await expect(loginOf(app)).rejects.toThrow("docker-credential-missing");
  });

  it.each([
    [
      "in a file",
      () => write("docker/config.json", { auths: { "r.example": { auth: encoded("ci:"), identitytoken: "t0ken" } } }),
    ],
    [
      "of a helper",
      () => {
        write("docker/config.json", { credHelpers: { "r.example": "test" } });
        helper('{"Username":"<token>","Secret":"t0ken"}');
      },
    ],
  ])(
    "that is an identity token %s is refused in plain words, unless another file has a password",
    async (_where, place) => {
      place();
      const failure = await loginOf(app).catch((error: OperatorError) => error);
      expect((failure as OperatorError).describe()).toMatch(/an identity token.*r\.example.*docker\/config\.json/s);
      expect((failure as OperatorError).describe()).not.toContain("t0ken");
      write("run/containers/auth.json", auths("ci:run"));
      expect(await loginOf(app)).toBe("ci:run");
    },
  );

  it.each(["", "{}", '{"auths":null,"credHelpers":null}', '{"auths":{"r.example":{}},"credsStore":""}'])(
    "is not in a file without one: %j",
    async (text) => {
      write("docker/config.json", text);
      expect(await loginOf(app)).toBeUndefined();
    },
  );

  it.each([
    ["{secret", "it is not JSON"],
    ['{"auths":{"r.example":{"auth":7}}}', "auths.r.example.auth"],
    ['{"auths":{"r.example":{"auth":"c2VjcmV0"}}}', "auths.r.example.auth"],
    ['{"auths":["secret"]}', "auths"],
  ])("is not guessed from a file that is broken: %j", async (text, cause) => {
    write("docker/config.json", text);
    const failure = (await loginOf(app).catch((error: OperatorError) => error)) as OperatorError;
    expect(failure.message).toBe(`cannot read the logins in ${join(folder, "docker/config.json")}`);
    expect(failure.details.cause).toBe(cause);
  });

  it("is not looked for in a folder, which is said", async () => {
    mkdirSync(join(folder, "docker/config.json"), { recursive: true });
    const failure = (await loginOf(app).catch((error: OperatorError) => error)) as OperatorError;
    expect(failure.details.cause).toMatch(/folder|directory/);
  });

  it.each(["nonsense with s3cret", "{}", '{"Username":"ci"}', "null"])(
    "is not guessed from what a helper answers: %j",
    async (answer) => {
      write("docker/config.json", { credHelpers: { "r.example": "test" } });
      helper(answer);
      const failure = (await loginOf(app).catch((error: OperatorError) => error)) as OperatorError;
      expect(failure.describe()).toContain("docker-credential-test");
      expect(failure.describe()).not.toContain("s3cret");
    },
  );
});

it("tells where logins are looked for, and which of these files are there", () => {
  write("docker/config.json", {});
  expect(loginPlaces()).toBe(
    [
      `${join(folder, "given.json")} (not there)`,
      join(folder, "docker/config.json"),
      `${join(folder, "run/containers/auth.json")} (not there)`,
      `${join(folder, "config/containers/auth.json")} (not there)`,
    ].join(", "),
  );
});
