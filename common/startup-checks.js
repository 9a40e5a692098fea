// What every program checks first. Plain JavaScript, so that an old Node.js can run it too.
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { faultOfNode } from "./node-version.js";
import { goneFolder, noTemporaryFolder } from "./startup-messages.js";

const fault = faultOfNode(process.version);
if (fault) console.error(fault.problem);
if (fault?.isFatal) process.exit(1);

// Deprecation warnings concern the authors of packages: cdktf causes one on Node 24.
process.noDeprecation = true;

try {
  process.cwd();
} catch {
  refuse({ ...goneFolder, problem: `${goneFolder.problem}, or you may not read it` });
}

// tsx, which compiles the sources, has its cache there.
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
