import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import { OperatorError } from "../common/errors.ts";
import { lastWords } from "../common/program.ts";
import { cacheDir, exists, type Progress, withLock, writeAtomically } from "./cache.ts";
import { findGo } from "./go.ts";

/** A program from the Go module proxy, built for Linux on x86-64, for the nodes and the lab's containers. */
export interface GoProgram {
  /** Import path of the program, such as `github.com/distribution/distribution/v3/cmd/registry`. */
  readonly packagePath: string;
  /** Version of its module, such as `v3.1.2`. */
  readonly version: string;
  /** Exact toolchain, such as `go1.26.11`: it gives the same bytes on every machine. */
  readonly goVersion: string;
  /** Folder of our own main package to build instead, with the packages of the module. @default - the program's own */
  readonly source?: string;
  /** Flags for the linker. @default - `-s -w`, without symbols */
  readonly ldflags?: string;
}

/** Builds a program unless it is in the cache. @returns the path of the executable */
export async function buildGoProgram(program: GoProgram, progress: Progress = {}): Promise<string> {
  const path = cachedProgramPath(program);
  return withLock(path, progress, async () => {
    if (!(await exists(path))) await writeAtomically(path, (temporary) => build(program, temporary, progress));
    return path;
  });
}

/** Where the program is cached. Every input that changes its bytes is part of the path. */
export function cachedProgramPath(program: GoProgram): string {
  const sources = goFiles(program).map((file) => readFileSync(file, "utf8"));
  const inputs = [program.packagePath, program.version, program.goVersion, linkerFlags(program), ...sources];
  const key = createHash("sha256").update(inputs.join("\n")).digest("hex").slice(0, 12);
  return join(cacheDir(), "bin", `${programName(program)}-${program.version}-${program.goVersion}-${key}`);
}

/**
 * Builds from an empty module that requires the program's. Unlike `go install`, this also builds modules with
 * replace directives, and lets us name the file on machines other than Linux on x86-64.
 */
async function build(program: GoProgram, path: string, progress: Progress): Promise<void> {
  const go = await findGo(progress);
  const module = `${path}.module`;
  const run = (...args: string[]) =>
    execa(go, args, {
      cwd: module,
      env: reproducible(program.goVersion),
      cancelSignal: progress.signal,
      stderr: function* (line: unknown) {
        progress.onProgress?.(String(line));
        yield line;
      },
    });
  const target = `${program.packagePath}@${program.version}`;
  progress.onProgress?.(`building ${target} with ${program.goVersion} (takes minutes the first time)`);
  try {
    await mkdir(module, { recursive: true });
    await writeFile(join(module, "go.mod"), `module build\n\ngo ${program.goVersion.replace("go", "")}\n`);
    for (const file of goFiles(program)) await copyFile(file, join(module, basename(file)));
    await run("get", target);
    await run("build", "-ldflags", linkerFlags(program), "-o", path, program.source ? "." : program.packagePath);
  } catch (error) {
    progress.signal?.throwIfAborted();
    throw new OperatorError(`cannot build ${target} with ${program.goVersion}`, {
      cause: lastWords(error),
      fix: "see what Go says above; 'go env GOPROXY' names where modules come from",
    });
  } finally {
    await rm(module, { recursive: true, force: true });
  }
}

/** Every environment variable that would change the program's bytes. */
function reproducible(goVersion: string): Record<string, string> {
  return {
    GOTOOLCHAIN: goVersion,
    GOOS: "linux",
    GOARCH: "amd64",
    GOAMD64: "v1",
    CGO_ENABLED: "0",
    GOFLAGS: "-trimpath",
    GOEXPERIMENT: "",
    GOFIPS140: "off",
    GOWORK: "off",
  };
}

function goFiles({ source }: GoProgram): string[] {
  if (!source) return [];
  const names = readdirSync(source).filter((name) => name.endsWith(".go"));
  return names.sort().map((name) => join(source, name));
}

function programName({ packagePath }: GoProgram): string {
  return packagePath.split("/").at(-1) ?? packagePath;
}

function linkerFlags({ ldflags }: GoProgram): string {
  return ldflags ?? "-s -w";
}
