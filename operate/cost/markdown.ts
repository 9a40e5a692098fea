import type { Estimate, UsePrice } from "./estimate.ts";
import { datesOf, sourcesOf } from "./sources.ts";
import { usd } from "./terminal.ts";

/** What each kind of resources costs, and their sum. */
export function kindTable({ kinds, usdAMonth }: Estimate): string {
  return table(
    ["what", "quantity", "USD a month"],
    [
      ...kinds.map(({ kind, quantity, usdAMonth }) => [
        kind === "volumes" ? "volumes, GiB" : kind,
        quantity,
        usd(usdAMonth),
      ]),
      ["**together**", "", `**${usd(usdAMonth)}**`],
    ],
  );
}

/** What each resource costs. */
export function chargeTable({ charges }: Estimate): string {
  return table(
    ["resource", "what", "quantity", "USD", "per", "USD a month"],
    charges.map(({ resource, what, quantity, price, per, usdAMonth }) => [
      resource
        .split(", ")
        .map((address) => `\`${address}\``)
        .join(", "),
      what,
      quantity,
      price.usd,
      per,
      usd(usdAMonth),
    ]),
  );
}

/** The prices of what is billed by use. */
export function useTable({ byUse }: Estimate): string {
  return table(
    ["what", "USD", "per"],
    byUse.map(({ what, price, per }) => [what, price.usd, per]),
  );
}

/** The sources of an estimate's prices. */
export function sourceTable(estimate: Estimate): string {
  return table(
    ["as of", "price of", "from"],
    sourcesOf(estimate).map(({ date, from, record, prices }) => [
      date ?? "",
      prices.join("; "),
      record ? `${from} ([record](${record}))` : from,
    ]),
  );
}

/** A change of the config, and the resulting estimate. */
export interface Change {
  /** Such as `network.egress: none`. */
  readonly setting: string;
  readonly estimate: Estimate;
}

/** What changes of the config add to the sum, and to what is billed by use. */
export function changeTable(base: Estimate, changes: readonly Change[]): string {
  return table(
    ["change", "USD a month", "by use"],
    changes.map(({ setting, estimate }) => {
      const more = without(estimate.byUse, base.byUse).map(
        ({ what, price, per }) => `also ${what}, ${price.usd} per ${per}`,
      );
      const less = without(base.byUse, estimate.byUse).map(({ what }) => `no ${what}`);
      const difference = estimate.usdAMonth - base.usdAMonth;
      return [`\`${setting}\``, `${difference < 0 ? "" : "+"}${usd(difference)}`, [...more, ...less].join("; ")];
    }),
  );
}

function without(some: readonly UsePrice[], others: readonly UsePrice[]): UsePrice[] {
  return some.filter(({ what }) => !others.some((other) => other.what === what));
}

/** The README's paragraph: the sum, and where to read more. */
export function readmeParagraph(estimate: Estimate, region: string): string {
  return [
    `\`cluster.yml\` as it is costs about ${usd(estimate.usdAMonth)} USD a month in ${region}: on demand, before tax, at prices of ${datesOf(estimate)}.`,
    "`npx registry-cluster cost` calculates this for your config; [what it includes](docs/cost.md).",
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
