import Table from "cli-table3";
import { hoursPerMonth } from "./charges.ts";
import type { Estimate } from "./estimate.ts";
import { type PriceTable, priceTable } from "./price-table.ts";
import { sourcesOf, type UsedSource } from "./sources.ts";

/** An estimate for the operator's terminal: by resource, by kind, by use, and the sources of the prices. */
export function formatEstimate(estimate: Estimate, region: string, table: PriceTable = priceTable): string {
  return [
    `A month of ${hoursPerMonth} hours in ${region}, on demand, before tax:`,
    resourceTable(estimate),
    kindTable(estimate),
    ...estimate.leftOut.map((gap) => `! ${gap}`),
    "\nBilled by use, not in the sums above:",
    useTable(estimate),
    "\nPrices from:",
    sourceList(sourcesOf(estimate, table)),
  ].join("\n");
}

export const usd = (amount: number) => amount.toFixed(2);

function resourceTable({ charges }: Estimate): string {
  const table = tableOf(["resource", "what", "quantity", "USD", "per", "USD a month"]);
  for (const { resource, what, quantity, price, per, usdAMonth } of charges) {
    table.push([resource.replaceAll(", ", "\n"), what, quantity, price.usd, per, usd(usdAMonth)]);
  }
  return table.toString();
}

function kindTable({ kinds, usdAMonth, leftOut }: Estimate): string {
  const table = tableOf(["kind", "USD a month"]);
  for (const kind of kinds) table.push([kind.kind, usd(kind.usdAMonth)]);
  table.push([leftOut.length > 0 ? "together, without what has no price" : "together", usd(usdAMonth)]);
  return table.toString();
}

function useTable({ byUse }: Estimate): string {
  const table = tableOf(["what", "USD", "per"]);
  for (const { what, price, per } of byUse) table.push([what, price.usd, per]);
  return table.toString();
}

function sourceList(sources: readonly UsedSource[]): string {
  return sources
    .map(({ date, from, prices }) => `  ${date ?? "no date   "}  ${from}\n              for ${prices.join("; ")}`)
    .join("\n");
}

function tableOf(head: string[]): InstanceType<typeof Table> {
  const numbers = ["quantity", "USD", "USD a month"];
  const colAligns = head.map((name) => (numbers.includes(name) ? ("right" as const) : ("left" as const)));
  return new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
}
