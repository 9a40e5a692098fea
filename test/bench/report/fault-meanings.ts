import { faults } from "../../../lab/faults/catalogue.ts";

/** What is done in a case that is no single fault of the lab's catalogue, or strikes another node than the holder. */
const cases: Readonly<Record<string, string>> = {
  "node-off-standby": "the proxy that does not hold the address loses power",
  "node-off-registry": "one registry loses power",
  "node-off-api-unreachable":
    "the holder loses power, and the new master's packets to AWS's API vanish until some seconds after it became master",
  "node-off-keeper-crash":
    "the holder loses power, and then the EIP keeper of the next holder gets SIGKILL just before it takes the address",
};

/** In one line. Unless it says otherwise, it strikes the proxy that holds the address. */
export function meaningOf(name: string): string {
  const meaning = cases[name] ?? faults.find((fault) => fault.name === name)?.meaning;
  if (!meaning) throw new Error(`nothing says what '${name}' means: add it to test/bench/report/fault-meanings.ts`);
  return meaning;
}
