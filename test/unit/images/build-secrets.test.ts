import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildImage } from "../../../images/build-image.ts";
import { hiderOf, parseBuildSecret, placeSecrets, secretArgs, secretOptions } from "../../../images/build-secrets.ts";
import { loadBuilds } from "../../../images/watch/builds.ts";
import { silently } from "../../../operator/step.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("a build's secret", () => {
  it.each([
    ["id=npm,src=/run/npm", { id: "npm", from: { file: "/run/npm" } }],
    ["id=npm,source=a,b", { id: "npm", from: { file: "a,b" } }],
    ["id=npm.rc,env=NPM_TOKEN", { id: "npm.rc", from: { variable: "NPM_TOKEN" } }],
  ])("is named as Docker has it: %s", (text, secret) => {
    expect(parseBuildSecret(text)).toEqual(secret);
  });

  it.each(["npm", "id=npm", "src=x", "id=,src=x", "id=a b,src=x", "id=../x,src=x", "id=npm,value=hunter2"])(
    "is nothing else: %s",
    (text) => {
      expect(parseBuildSecret(text)).toBeUndefined();
    },
  );

  it("is in a file that nobody else can read, and in no option", () => {
    const [placed] = placeSecrets([{ id: "npm", from: { file: file("npm", "hunter2\n") } }], folder);
    expect(readFileSync(placed?.file ?? "", "utf8")).toBe("hunter2\n");
    expect(statSync(placed?.file ?? "").mode & 0o777).toBe(0o600);
    expect(secretOptions(placed ? [placed] : [])).toEqual(["--secret", `id=npm,src=${placed?.file}`]);
  });

  it.each([
    ["a file that is not there", { file: "/nowhere" }, "/nowhere: there is no such file or folder"],
    ["a folder", { file: "/tmp" }, "/tmp: it is a folder"],
    ["a file that is too large", { file: "/bin/bash" }, "bytes"],
    ["a variable that is not set", { variable: "NO_SUCH_VARIABLE" }, "NO_SUCH_VARIABLE is not set"],
  ])("cannot come from %s", (_what, from, cause) => {
    expect(() => placeSecrets([{ id: "npm", from }], folder)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ cause: expect.stringContaining(cause) }) }),
    );
  });

  it("is hidden in what a build prints, line by line, but not where it is next to nothing", () => {
    const hide = hiderOf([{ id: "x", file: file("lines", "first-line\n  second-line\nab\n") }]);
    expect(hide("+ echo first-line second-line ab")).toBe("+ echo [redacted] [redacted] ab");
  });
});

describe("an argument of a build", () => {
  it.each([
    ["NPM_TOKEN", "x1"],
    ["DB_PASSWORD", "hunter2"],
    ["ANYTHING", `npm_${"aB3dE5".repeat(6)}`],
    ["MIRROR", "https://user:hunter2@mirror.example"],
    ["AWS_SECRET_ACCESS_KEY", "x/1"],
  ])("that looks like a secret is refused, and its value is not told: %s", async (name, value) => {
    expect(secretArgs({ [name]: value, CHANNEL: "stable" })).toEqual([name]);
    const build = buildImage({ repository: folder, ref: "v1", buildArgs: { [name]: value } }, silently);
    await expect(build).rejects.toThrow(`the build argument ${name} looks like a secret`);

    const text = `image: r.example/{name}\nrepositories:\n  app:\n    url: https://git.example/x.git\n    tags: v*\n    buildArgs: {${name}: "${value}"}\n`;
    const failure = (() => {
      try {
        return String(loadBuilds(file("builds.yml", text)));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(failure).toContain(`repositories.app.buildArgs.${name}: looks like a secret`);
    expect(failure).not.toContain(value);
  });

  it.each([
    ["CHANNEL", "stable"],
    ["VERSION", "1.2.3"],
    ["COMMIT", "0123456789abcdef0123456789abcdef01234567"],
    ["BASE", "registry.example:5000/base@sha256:b3f93ab8eabdc1bda8765338c290535339df19fe5d357bb08bc339a05c8239c9"],
    ["TOKEN_URL", "https://login.example/token"],
    ["PASSWORD_FILE", "/run/secrets/password"],
  ])("that does not is taken: %s", (name, value) => {
    expect(secretArgs({ [name]: value })).toEqual([]);
  });
});
