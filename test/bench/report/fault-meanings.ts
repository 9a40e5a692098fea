import { faults } from "../../../lab/faults/catalogue.ts";

/** Meanings of cases that are not a single fault of the lab's catalogue, or that strike another node than the holder. */
const cases: Readonly<Record<string, string>> = {
  "node-off-standby": "the proxy that does not hold the address loses power",
  "node-off-registry": "one registry loses power",
  "node-off-api-unreachable":
    "the holder loses power, and the new master's packets to AWS's API are dropped until some seconds after it became master",
  "node-off-keeper-crash":
    "the holder loses power, and then the EIP keeper of the next holder gets SIGKILL just before it takes the address",
};

/** In one line. Unless it says otherwise, the fault strikes the holder of the address. */
export function meaningOf(name: string): string {
  const meaning = cases[name] ?? faults.find((fault) => fault.name === name)?.meaning;
  if (!meaning) throw new Error(`'${name}' has no meaning: add it to test/bench/report/fault-meanings.ts`);
  return meaning;
}
