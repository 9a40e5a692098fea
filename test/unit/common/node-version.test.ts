import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { faultOfNode, oldestNode, testedNodes } from "../../../common/node-version.js";
import { doc } from "../docs/support.ts";

const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };

describe("Node.js", () => {
  it.each(["v16.20.2", "v18.20.8", "v20.5.1", "v20.10.0"])(
    "%s is too old, which is said with what is needed",
    (version) => {
      expect(faultOfNode(version)).toEqual({
        problem: `Node.js ${version} is too old: registry-cluster needs 20.11 or newer (tested with 20, 22, 24 and 26)
  mend: install a newer one from https://nodejs.org, then npm ci`,
        isFatal: true,
      });
    },
  );

  it.each(["v20.11.0", "v20.20.2", "v22.23.3", "v24.21.0", "v25.1.0", "v26.10.0"])("%s is good", (version) => {
    expect(faultOfNode(version)).toBeUndefined();
  });

  it("that is newer than what was tested is warned of, and tried", () => {
    expect(faultOfNode("v28.0.0")).toMatchObject({ isFatal: false, problem: expect.stringContaining("newer than") });
  });

  it("has the same limits in package.json and in the README", () => {
    const oldest = `${oldestNode.major}.${oldestNode.minor}`;
    expect(engines.node).toBe(`>=${oldest}`);
    expect(doc("README.md").text).toContain(
      `Node.js ${oldest} or newer; tested with ${testedNodes.slice(0, -1).join(", ")} and ${testedNodes.at(-1)}`,
    );
  });
});

const workflows = readdirSync(".github/workflows").map((file) => `.github/workflows/${file}`);
const gitlab = ".gitlab-ci.yml";

describe("CI", () => {
  it.each([...workflows, gitlab, "images/ci/github.yml", "images/ci/gitlab.yml"])(
    "runs on the current long-term support release, wherever it does not run on all: %s",
    (file) => {
      const named = readFileSync(file, "utf8").matchAll(/(?:node-version: |image: node:)(\d+)/g);
      expect(new Set([...named].map(([, version]) => version))).toEqual(new Set(["24"]));
    },
  );

  it("tests every version that is called tested, and deploys with each", () => {
    const { unit, terraform } = parse(readFileSync(".github/workflows/check.yml", "utf8")).jobs;
    expect(unit.strategy.matrix.node).toEqual(testedNodes);
    expect(terraform.strategy.matrix.node).toEqual(testedNodes);
    const [matrix] = parse(readFileSync(gitlab, "utf8")).unit.parallel.matrix;
    expect(matrix.NODE_VERSION.map(Number)).toEqual(testedNodes);
  });
});

describe("the installed packages", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, { hasInstallScript?: boolean; optional?: boolean }>;
  };

  it("run no script when they are installed, and only esbuild, which works without, has one", () => {
    expect(readFileSync(".npmrc", "utf8")).toMatch(/^ignore-scripts=true$/m);
    const withScript = Object.entries(packages).filter(
      ([, { hasInstallScript, optional }]) => hasInstallScript && !optional,
    );
    expect(withScript.map(([name]) => name)).toEqual(["node_modules/esbuild"]);
  });

  it("give cdktf the terminal that it runs Terraform in, on this Node.js", async () => {
    const fromCdktf = createRequire(createRequire(import.meta.url).resolve("@cdktf/cli-core/package.json"));
    const { spawn } = fromCdktf("@cdktf/node-pty-prebuilt-multiarch");
    const terminal = spawn(process.execPath, ["--version"], { cols: 80, rows: 24 });
    let said = "";
    terminal.onData((text: string) => {
      said += text;
    });
    const { exitCode } = await new Promise<{ exitCode: number }>((resolve) => terminal.onExit(resolve));
    expect({ exitCode, said: said.trim() }).toEqual({ exitCode: 0, said: process.version });
  });
});
