import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import pLimit from "p-limit";
import { OperatorError } from "../../common/errors.ts";
import { silently } from "../../common/step.ts";
import { buildImage } from "../../images/build-image.ts";
import { buildPrograms } from "../programs/chain/programs.ts";
import { type GitServer, startGitDaemon, TestRepository } from "../programs/images/git-server.ts";
import { startRegistry, type TestRegistry } from "../programs/images/registry.ts";
import { startBuildkit } from "../programs/images/supply-programs.ts";

export const buildersOfBench = ["buildah", "buildkit"] as const;

interface Options {
  readonly count: number;
  /** @default - all of them */
  readonly atOnce?: number;
  readonly builders: readonly string[];
}

/** A commit that is built again and again. */
interface Subject {
  readonly repository: string;
  readonly commit: string;
}

const nameOf = ({ repository, commit }: Subject) => `${repository}@${commit}`;

interface Result {
  readonly failures: readonly string[];
  /** By repository and commit: an image names both, and two repositories may have the same commit. */
  readonly digests: ReadonlyMap<string, ReadonlySet<string>>;
  readonly seconds: number;
}

const withProgram = "FROM scratch\nCOPY busybox /bin/busybox\n";
/** Different Dockerfiles that need no base image; the first two have equal files. */
const dockerfiles: Readonly<Record<string, string>> = {
  "equal-one": `${withProgram}RUN --mount=type=bind,target=/src ["/bin/busybox","cp","/src/f","/out"]\n`,
  "equal-two": `${withProgram}RUN --mount=type=bind,target=/src ["/bin/busybox","cp","/src/f","/out"]\n`,
  files: "FROM scratch\nCOPY . /\n",
  steps: `${withProgram}${[1, 2, 3, 4].map((i) => `RUN ["/bin/busybox","cp","/bin/busybox","/${i}"]\n`).join("")}COPY f /f\n`,
  stages: `${withProgram.replace("scratch", "scratch AS first")}COPY f /f\nFROM scratch\nCOPY --from=first /f /f\n`,
  cache: `${withProgram}COPY f /f\nRUN --mount=type=cache,id=shared,target=/cache ["/bin/busybox","sh","-c","/bin/busybox cat /cache/f > /out; /bin/busybox cp /f /cache/f; true"]\n`,
};

/**
 * Builds commits of several repositories many times, all at the same time, and pushes each image to a name of its own: nothing may
 * fail, and each commit may have only one digest.
 *
 * @throws OperatorError if that does not hold
 */
export async function benchBuilds({ count, atOnce = count, builders }: Options): Promise<void> {
  await buildPrograms();
  const folder = mkdtempSync(join(tmpdir(), "bench-builds-"));
  const registry = await startRegistry(folder);
  // A separate process: in this one, it would wait for all builds.
  const git = await startGitDaemon(folder);
  const buildkit = builders.includes("buildkit") ? await startBuildkit(folder, registry.logins) : undefined;
  Object.assign(process.env, { DOCKER_CONFIG: registry.logins }, buildkit?.env);
  try {
    const subjects = Object.entries(dockerfiles).flatMap(([name, text]) => commitsOf(folder, name, text));
    const table = new Table({
      head: ["builder", "builds", "at once", "commits", "failures", "most digests of a commit", "seconds"],
      style: { head: [], border: [] },
    });
    const failures: string[] = [];
    for (const builder of builders) {
      const result = await buildAll({ subjects, count, atOnce, builder, registry, git });
      const most = Math.max(0, ...[...result.digests.values()].map(({ size }) => size));
      table.push([builder, count, atOnce, subjects.length, result.failures.length, most, result.seconds.toFixed(0)]);
      failures.push(...result.failures.map((failure) => `${builder}: ${failure}`));
      for (const [commit, digests] of result.digests) {
        if (digests.size !== 1)
          failures.push(`${builder}: ${commit} has ${digests.size} digests: ${[...digests].join(", ")}`);
      }
    }
    console.log(table.toString());
    if (failures.length > 0) {
      throw new OperatorError("concurrent builds affect each other", {
        cause: failures.join("\n"),
        fix: "find out what the builds share",
      });
    }
  } finally {
    await Promise.all([git.stop(), registry.stop(), buildkit?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function commitsOf(folder: string, name: string, Dockerfile: string): Subject[] {
  const repository = new TestRepository(folder, name);
  repository.addProgram("busybox", "/bin/busybox");
  return ["one", "two"].map((f) => ({ repository: name, commit: repository.commit({ Dockerfile, f }) }));
}

interface BuildAllProps {
  readonly subjects: readonly Subject[];
  readonly count: number;
  readonly atOnce: number;
  readonly builder: string;
  readonly registry: TestRegistry;
  readonly git: GitServer;
}

async function buildAll({ subjects, count, atOnce, builder, registry, git }: BuildAllProps): Promise<Result> {
  const limit = pLimit(atOnce);
  const failures: string[] = [];
  const digests = new Map(subjects.map((subject) => [nameOf(subject), new Set<string>()]));
  const begun = performance.now();
  const build = async (i: number) => {
    const subject = subjects[i % subjects.length] as Subject;
    const { repository, commit } = subject;
    const push = `${registry.host}/${builder}/${repository}-${i}`;
    try {
      const built = await buildImage(
        { repository: `${git.url}/${repository}.git`, ref: commit, builder, push },
        silently,
      );
      digests.get(nameOf(subject))?.add(built.published?.digest ?? "none");
    } catch (error) {
      failures.push(`${repository}: ${error instanceof OperatorError ? error.describe() : error}`);
    }
  };
  await Promise.all(Array.from({ length: count }, (_, i) => limit(() => build(i))));
  return { failures, digests, seconds: (performance.now() - begun) / 1000 };
}
