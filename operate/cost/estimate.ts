import { type Plan, resourcesOf } from "../plan/synthesized-plan.ts";
import { type Charge, chargesOfPlan, type Gap, isInterfaceEndpoint, kinds, rounded } from "./charges.ts";
import { type Meter, type MeterName, meterNames, meters } from "./meters.ts";
import type { Price, RegionalPrices } from "./price-table.ts";

/** What all resources of a kind cost. */
export interface KindTotal {
  readonly kind: Charge["kind"];
  readonly quantity: number;
  readonly usdAMonth: number;
}

/** The price of something that is billed by use, and so is in no sum. */
export interface UsePrice {
  readonly what: string;
  readonly price: Price;
  readonly per: Meter["per"];
}

/** What a month without changes costs: on demand, before tax. */
export interface Estimate {
  readonly charges: readonly Charge[];
  readonly kinds: readonly KindTotal[];
  readonly usdAMonth: number;
  readonly byUse: readonly UsePrice[];
  /** What the sum does not include, one sentence each. */
  readonly leftOut: readonly Gap[];
}

export function estimate(plan: Plan, prices: RegionalPrices): Estimate {
  const found = chargesOfPlan(plan, prices);
  const charges = kinds.flatMap(
    (kind) => found.filter((item) => typeof item !== "string" && item.kind === kind) as Charge[],
  );
  return {
    charges,
    kinds: kindTotals(charges),
    usdAMonth: sum(charges.map((charge) => charge.usdAMonth)),
    byUse: metersByUse(plan).map((name) => ({
      what: meters[name].what,
      price: prices.prices[name],
      per: meters[name].per,
    })),
    leftOut: found.filter((item) => typeof item === "string"),
  };
}

function kindTotals(charges: readonly Charge[]): KindTotal[] {
  return kinds.flatMap((kind) => {
    const ofKind = charges.filter((charge) => charge.kind === kind);
    const quantity = sum(ofKind.map((charge) => charge.quantity));
    return quantity > 0 ? [{ kind, quantity, usdAMonth: sum(ofKind.map((charge) => charge.usdAMonth)) }] : [];
  });
}

/** What the plan's resources are billed for by use. */
function metersByUse(plan: Plan): MeterName[] {
  const has = (type: string) => resourcesOf(plan, type).length > 0;
  const instanceTypes = resourcesOf(plan, "aws_instance").map(({ properties }) => properties.instance_type as string);
  const billed: Partial<Record<MeterName, boolean>> = {
    interfaceEndpointGb: plan.resources.some(isInterfaceEndpoint),
    natGatewayGb: has("aws_nat_gateway"),
    flowLogGb: has("aws_flow_log"),
    storedLogGbMonth: has("aws_cloudwatch_log_group"),
    s3GbMonth: has("aws_s3_bucket"),
    s3ThousandWrites: has("aws_s3_bucket"),
    s3ThousandReads: has("aws_s3_bucket"),
    internetGb: instanceTypes.length > 0,
    betweenZonesGb: instanceTypes.length > 0,
    t3CreditHour: instanceTypes.some((type) => /^t3a?\./.test(type)),
  };
  return meterNames.filter((name) => billed[name]);
}

function sum(numbers: readonly number[]): number {
  return rounded(numbers.reduce((total, number) => total + number, 0));
}
