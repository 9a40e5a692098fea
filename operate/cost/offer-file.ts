import { type Meter, type MeterName, meterNames, meters, type OfferCode } from "./meters.ts";

/** What an offer file of AWS's price list says about one region. */
export interface OfferPrices {
  /** Version of the file, such as `20260925174521`. */
  readonly version: string;
  /** The day on which it was published. */
  readonly date: string;
  readonly prices: Readonly<Partial<Record<MeterName, number>>>;
  /** USD an hour, by instance type. */
  readonly instances: Readonly<Record<string, number>>;
}

/**
 * Reads the CSV form of an offer file, line by line, because that of AmazonEC2 has several hundred megabytes. Five lines describe
 * the file, one names the columns, and each of the others has one price.
 *
 * @throws Error if two rows disagree on a price, or the file is not an offer file of AWS.
 */
export async function readOfferFile(lines: AsyncIterable<string> | Iterable<string>): Promise<OfferPrices> {
  const about = new Map<string, string>();
  const found = new Map<string, number>();
  let columns: readonly string[] | undefined;
  for await (const line of lines) {
    if (columns) noteRow(line, columns, about.get("OfferCode") as OfferCode, found);
    else if (line.startsWith('"SKU"')) columns = cellsOf(line);
    else about.set(...(cellsOf(line) as [string, string]));
  }
  const [version, published] = [about.get("Version"), about.get("Publication Date")];
  if (!columns || !version || !published)
    throw new Error("this is not an offer file of AWS's price list: it has no version, date or columns");
  return { version, date: published.slice(0, 10), ...pricesOf(found) };
}

function noteRow(line: string, columns: readonly string[], offer: OfferCode, found: Map<string, number>): void {
  if (!line.includes('"OnDemand"')) return;
  const cells = cellsOf(line);
  const cell = (name: string) => cells[columns.indexOf(name)] ?? "";
  const isFirstStep = ["", "0"].includes(cell("StartingRange"));
  if (cell("TermType") !== "OnDemand" || cell("Currency") !== "USD" || !isFirstStep) return;
  const name = nameOf(cell("usageType"), cell("operation"), offer);
  if (!name) return;
  const usd = Number(cell("PricePerUnit"));
  const known = found.get(name);
  if (known !== undefined && known !== usd)
    throw new Error(`the offer file has two prices of ${name}: ${known} and ${usd}`);
  found.set(name, usd);
}

/** What a row prices: a meter's name, or `instance TYPE`. */
function nameOf(regionalUsage: string, operation: string, offer: OfferCode): string | undefined {
  // us-east-1 has no prefix in most files, and USE1- in some
  const usage = regionalUsage.replace(/^[A-Z]+\d*-/, "");
  // RunInstances alone is Linux without licences, BoxUsage an instance that shares its host
  if (offer === "AmazonEC2" && operation === "RunInstances" && usage.startsWith("BoxUsage:"))
    return usage.replace("BoxUsage:", "instance ");
  return meterNames.find((name) => {
    const { listed }: Meter = meters[name];
    return listed?.offer === offer && listed.usageType === usage;
  });
}

function pricesOf(found: ReadonlyMap<string, number>): Pick<OfferPrices, "prices" | "instances"> {
  const prices: Partial<Record<MeterName, number>> = {};
  for (const name of meterNames) {
    const { listed }: Meter = meters[name];
    const usd = found.get(name);
    if (usd !== undefined) prices[name] = Number((usd * (listed?.units ?? 1)).toPrecision(10));
  }
  const instances = [...found].flatMap(([name, usd]) =>
    name.startsWith("instance ") ? [[name.slice("instance ".length), usd] as const] : [],
  );
  return { prices, instances: Object.fromEntries(instances) };
}

/** The cells of a line. Those that are not empty are quoted. */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^,]*))(?=,|$)/g)].map(([, quoted, bare]) =>
    (quoted ?? bare ?? "").replaceAll('""', '"'),
  );
}
