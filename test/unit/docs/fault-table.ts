import { faults, type LabFault } from "../../../lab/faults/catalogue.ts";

/** The catalogue of faults, for lab/README.md. */
export function faultTable(): string {
  return ["| fault | strikes | until | meaning |", "| --- | --- | --- | --- |", ...faults.map(row)].join("\n");
}

const row = ({ name, strikes, everywhere, lasts, meaning }: LabFault) =>
  `| \`${name}\` | ${strikes}${everywhere ? ", or all" : ""} | ${lasts ? "healed" : "it recovers by itself"} | ${meaning} |`;
