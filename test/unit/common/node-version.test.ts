import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { faultOfNode, oldestNode, testedNodes } from "../../../common/node-version.js";
import { doc } from "../docs/support.ts";

const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };

describe("Node.js", () => {
  it.each(["v16.20.2", "v18.20.8", "v20.5.1", "v20.10.0"])(
    "%s is too old, which is said with what is needed",
    (version) => {
      expect(faultOfNode(version)).toEqual({
        problem: `Node.js ${version} is too old: registry-cluster needs 20.11 or newer (tested are 20, 22, 24 and 26)
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
