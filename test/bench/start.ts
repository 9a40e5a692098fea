import { execa } from "execa";
import { checkout } from "../../common/checkout.ts";
import { type Comparison, compare } from "./timing.ts";

/** Time of a warm `npm start`, images in the cache and no lab up, compared to one that finds the lab up already. */
export async function benchStart(): Promise<Comparison> {
  const cli = (command: string) => execa("node", ["cli/bin.js", command], { cwd: checkout, stdio: "ignore" });
  return compare(
    "npm start",
    { name: "warm, from nothing", before: () => cli("stop"), run: () => cli("start") },
    { name: "already up", run: () => cli("start") },
    2,
  );
}
