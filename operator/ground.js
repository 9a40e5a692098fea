// What every program imports before all else: whether it stands on anything. Plain JavaScript, for the eyes of an old Node.
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
