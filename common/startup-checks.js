// What every program checks before all else. Plain JavaScript, which an old Node.js can read too.
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { faultOfNode } from "./node-version.js";
import { goneFolder, noTemporaryFolder } from "./startup-messages.js";

const fault = faultOfNode(process.version);
if (fault) console.error(fault.problem);
if (fault?.isFatal) process.exit(1);

// Warnings of packages are for who writes them: cdktf's cause one on Node 24.
process.noDeprecation = true;

try {
  process.cwd();
} catch {
  refuse({ ...goneFolder, problem: `${goneFolder.problem}, or you may not look into it` });
}

// tsx, which reads the sources, keeps what it makes of them there.
if (!isFolder(tmpdir())) refuse(noTemporaryFolder(tmpdir()));

function refuse({ problem, fix }) {
  console.error(`${problem}\n  mend: ${fix}`);
  process.exit(1);
}

function isFolder(path) {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
