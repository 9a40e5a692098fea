import { randomInt } from "node:crypto";
import { OperatorError } from "../common/errors.ts";
import type { LabState } from "./state.ts";

export interface Pace {
  /** Delays and limits as on AWS. A seed repeats a run; `true` draws one. @default - immediate, and without limits */
  readonly asOnAws?: number | true;
}

/** The seed for a new lab. */
export const seedOf = ({ asOnAws }: Pace): number | undefined => (asOnAws === true ? randomInt(1_000_000) : asOnAws);

/** @throws OperatorError if a running lab does not have the pace that is asked for, which cannot change while it runs. */
export function refuseOtherPace(
  { name, asOnAws: running }: Pick<LabState, "name" | "asOnAws">,
  { asOnAws }: Pace,
): void {
  if (asOnAws === undefined || asOnAws === running || (asOnAws === true && running !== undefined)) return;
  const wanted = asOnAws === true ? "--as-on-aws" : `--as-on-aws ${asOnAws}`;
  throw new OperatorError(
    `the lab '${name}' runs ${running === undefined ? "without --as-on-aws" : `with --as-on-aws ${running}`}`,
    {
      fix: `npm stop, then npm start -- ${wanted}; the images that were pushed to the lab are lost`,
    },
  );
}
