// What every program imports before all else: whether it stands on anything. Plain JavaScript, for the eyes of an old Node.
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { faultOfNode } from "./node-version.js";

const fault = faultOfNode(process.version);
if (fault) console.error(fault.problem);
if (fault?.isFatal) process.exit(1);

// Warnings of packages are for who writes them: cdktf's cause one on Node 24.
process.noDeprecation = true;

try {
  process.cwd();
} catch {
  console.error("the current folder is gone, or you may not look into it\n  mend: cd to another folder");
  process.exit(1);
}

// tsx, which reads the sources, keeps what it makes of them there.
if (!isFolder(tmpdir())) {
  console.error(
    `no temporary folder can be made in ${tmpdir()}\n  mend: set TMPDIR to a folder that you may write to and that has room`,
  );
  process.exit(1);
}

function isFolder(path) {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
