import type { OutageReport } from "../../outage/result.ts";
import { outageSummaries } from "../outage-summary.ts";
import { colours } from "./colours.ts";
import { stackedBars } from "./stacked-bars.ts";

/** Where the time of a failover goes, for the faults that move the address. */
export function outagePartsPlot(report: OutageReport): string {
  const moved = outageSummaries(report).flatMap(({ fault, parts }) => (parts ? [{ fault, parts }] : []));
  return stackedBars({
    title: "Where the time of a failover goes",
    subtitle: "Until there is a new master, until AssociateAddress answers, until the client is served. Medians.",
    unit: "seconds",
    parts: [
      { name: "detection", colour: colours.blue },
      { name: "API call", colour: colours.amber },
      { name: "routing", colour: colours.green },
    ],
    bars: moved.map(({ fault, parts: { detectionSec, apiCallSec, routingSec } }) => ({
      name: fault,
      lengths: { detection: detectionSec, "API call": apiCallSec, routing: routingSec },
    })),
  });
}
