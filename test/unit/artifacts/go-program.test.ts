import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { exists } from "../../../artifacts/cache.ts";
import { isRecentGo } from "../../../artifacts/go.ts";
import { buildGoProgram, cachedProgramPath, type GoProgram } from "../../../artifacts/go-program.ts";
import { useEmptyCache } from "./support.ts";

const program: GoProgram = { packagePath: "example.org/tools/cmd/tool", version: "v1.0.0", goVersion: "go1.26.11" };

describe("a Go", () => {
  it.each(["go version go1.21 linux/amd64", "go version go1.26.8 linux/amd64", "go version go2.0 darwin/arm64"])(
    "can fetch other toolchains when it says '%s'",
    (text) => expect(isRecentGo(text)).toBe(true),
  );

  it.each(["go version go1.20.14 linux/amd64", "go version go1.9 linux/amd64", "gccgo", ""])(
    "cannot when it says '%s'",
    (text) => expect(isRecentGo(text)).toBe(false),
  );
});

describe("the cached path of a program", () => {
  it("begins with its name, version and toolchain", () => {
    expect(cachedProgramPath(program)).toMatch(/\/bin\/tool-v1\.0\.0-go1\.26\.11-[0-9a-f]{12}$/);
  });

  it.each([
    { packagePath: "example.org/other/cmd/tool" },
    { version: "v1.0.1" },
    { goVersion: "go1.26.10" },
    { ldflags: "-w" },
  ])("is another one with %j", (change) =>
    expect(cachedProgramPath({ ...program, ...change })).not.toBe(cachedProgramPath(program)),
  );
});

describe("a program of our own in place of its module's", () => {
  const folder = useEmptyCache();

  it("has another path in the cache with each change of its source, and of nothing else", async () => {
    const source = join(folder(), "source");
    const path = () => cachedProgramPath({ ...program, source });
    await mkdir(source);
    await writeFile(join(source, "main.go"), "package main");
    const first = path();
    expect(first).not.toBe(cachedProgramPath(program));
    await writeFile(join(source, "README.md"), "words");
    expect(path()).toBe(first);
    await writeFile(join(source, "more.go"), "package main");
    expect(path()).not.toBe(first);
  });
});

describe("building a program", () => {
  const folder = useEmptyCache();

  /** Puts a `go` on PATH that says its version, and runs `script` for everything else. */
  async function useGo(script: string): Promise<void> {
    const go = join(folder(), "path", "go");
    await mkdir(join(folder(), "path"), { recursive: true });
    await writeFile(
      go,
      `#!/bin/sh\n[ "$1" = version ] && { echo go version go1.26.8 linux/amd64; exit; }\n${script}\n`,
    );
    await chmod(go, 0o755);
    vi.stubEnv("PATH", `${join(folder(), "path")}${delimiter}${process.env.PATH}`);
  }

  /** Writes the arguments and environment of `go build` to the file that `-o` names. */
  const recordingGo = '[ "$1" = get ] || { echo "$@" >"$5"; env >>"$5"; }';

  it("uses the exact toolchain and nothing of this machine that would change the bytes", async () => {
    vi.stubEnv("GOFLAGS", "-race");
    await useGo(recordingGo);
    const built = await readFile(await buildGoProgram(program), "utf8");
    expect(built).toMatch(/^build -ldflags -s -w -o /);
    expect(built).toContain("GOTOOLCHAIN=go1.26.11\n");
    expect(built).toContain("GOFLAGS=-trimpath\n");
    expect(built).toContain("CGO_ENABLED=0\n");
    expect(built).toContain("GOOS=linux\n");
    expect(built).toContain("GOARCH=amd64\n");
  });

  it("takes a source of our own, with the packages of its module", async () => {
    const source = join(folder(), "source");
    await mkdir(source);
    await writeFile(join(source, "main.go"), "package main");
    await useGo('[ "$1" = get ] && echo "$2" >got || cat got main.go >"$5"; [ "$1" = get ] || echo "$6" >>"$5"');
    expect(await readFile(await buildGoProgram({ ...program, source }), "utf8")).toBe(
      "example.org/tools/cmd/tool@v1.0.0\npackage main.\n",
    );
  });

  it("happens once: the second time the program comes from the cache", async () => {
    await useGo(`echo "$1" >>"${folder()}/calls"; ${recordingGo}`);
    await buildGoProgram(program);
    await buildGoProgram(program);
    expect(await readFile(join(folder(), "calls"), "utf8")).toBe("get\nbuild\n");
  });

  it("passes on what Go says, as progress", async () => {
    await useGo(`echo "go: downloading example.org/tools v1.0.0" >&2; ${recordingGo}`);
    const said: string[] = [];
    await buildGoProgram(program, { onProgress: (text) => said.push(text) });
    expect(said).toContain("go: downloading example.org/tools v1.0.0");
  });

  it("fails with Go's own words, and caches nothing", async () => {
    await useGo('echo "module not found" >&2; exit 1');
    await expect(buildGoProgram(program)).rejects.toMatchObject({
      message: "cannot build example.org/tools/cmd/tool@v1.0.0 with go1.26.11",
      details: { cause: "module not found", fix: expect.stringContaining("go env GOPROXY") },
    });
    expect(await exists(cachedProgramPath(program))).toBe(false);
  });

  it("kills Go and leaves no lock when it is interrupted", async () => {
    await useGo(`echo $$ >"${folder()}/pid"; exec sleep 60`);
    const interrupt = new AbortController();
    const building = buildGoProgram(program, { signal: interrupt.signal });
    while (!(await exists(join(folder(), "pid")))) await sleep(20);
    interrupt.abort(new Error("interrupted"));

    await expect(building).rejects.toThrow("interrupted");
    const pid = Number(await readFile(join(folder(), "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(await exists(`${cachedProgramPath(program)}.lock`)).toBe(false);
  });
});
