// Plain JavaScript, so that an old Node.js can run it too.

/** The first version with `import.meta.dirname`. package.json and the README name it too; a test compares them. */
export const oldestNode = { major: 20, minor: 11 };

/** The major versions that the tests run on. */
export const testedNodes = [20, 22, 24, 26];

/**
 * @param {string} version such as v20.11.0
 * @returns {{ problem: string, isFatal: boolean } | undefined} what is wrong with it
 */
export function faultOfNode(version) {
  const [major = 0, minor = 0] = version.replace("v", "").split(".").map(Number);
  const tested = `tested with ${testedNodes.slice(0, -1).join(", ")} and ${testedNodes.at(-1)}`;
  if (major < oldestNode.major || (major === oldestNode.major && minor < oldestNode.minor)) {
    const problem = `Node.js ${version} is too old: registry-cluster needs ${oldestNode.major}.${oldestNode.minor} or newer (${tested})`;
    return { problem: `${problem}\n  mend: install a newer one from https://nodejs.org, then npm ci`, isFatal: true };
  }
  if (major > Math.max(...testedNodes)) {
    return {
      problem: `Node.js ${version} is newer than all versions that registry-cluster is ${tested}`,
      isFatal: false,
    };
  }
  return undefined;
}
