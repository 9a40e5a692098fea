// Plain JavaScript: used before TypeScript can be loaded, and after.

export const goneFolder = { problem: "the current folder is gone", fix: "cd to another folder" };

/** @param {string} folder */
export const noTemporaryFolder = (folder) => ({
  problem: `no temporary folder can be made in ${folder}`,
  fix: "set TMPDIR to a folder that you may write to and that has free space",
});
