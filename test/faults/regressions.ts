import type { FaultName } from "../../lab/faults/catalogue.ts";

/** A trial that once failed. It names its faults, so that new ones in the catalogue do not change its schedule. */
export interface Regression {
  readonly seed: number;
  readonly minutes: number;
  readonly only: readonly FaultName[];
  /** What broke, and how it was mended. */
  readonly broke: string;
}

export const regressions: readonly Regression[] = [
  {
    ...{ seed: 3, minutes: 2, only: ["nginx-500"] },
    broke: "half of all connections went to an nginx that answered 500, for as long as it did: decision 24",
  },
  {
    ...{ seed: 31, minutes: 4, only: ["vrrp-drop", "vrrp-drop-one-way", "vrrp-loss"] },
    broke: "the address moved five times in 30 s, and stayed with a backup after the split: decision 12",
  },
  {
    ...{ seed: 42, minutes: 5, only: ["s3-slow", "s3-503", "s3-cut", "node-pause", "disk-full"] },
    broke: "half of all requests went to a registry that hung, for as long as it did: decision 24",
  },
];
