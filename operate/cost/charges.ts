import type { Plan, PlannedResource } from "../plan/synthesized-plan.ts";
import { freeTypes } from "./free-types.ts";
import { type Meter, type MeterName, meters } from "./meters.ts";
import { instancePrice, type Price, type RegionalPrices } from "./price-table.ts";
import { ownAddresses } from "./public-addresses.ts";

/** The average month that AWS itself uses. */
export const hoursPerMonth = 730;

/** Kinds of charges, in the order in which they are shown. */
export const kinds = ["instances", "volumes", "public IPv4 addresses", "interface endpoints", "NAT gateways"] as const;

/** What a resource costs, no matter how much it is used. */
export interface Charge {
  /** Terraform's name of the resource, or of several. */
  readonly resource: string;
  readonly kind: (typeof kinds)[number];
  readonly what: string;
  readonly quantity: number;
  readonly price: Price;
  readonly per: Meter["per"];
  readonly usdAMonth: number;
}

/** A part of a resource that has no price, as a sentence. */
export type Gap = string;

/** The charges and gaps of every resource that costs something just by existing. */
export function chargesOfPlan(plan: Plan, prices: RegionalPrices): (Charge | Gap)[] {
  return [...plan.resources.flatMap((resource) => chargesOf(resource, prices)), ...ownAddressCharge(plan, prices)];
}

function chargesOf(resource: PlannedResource, prices: RegionalPrices): (Charge | Gap)[] {
  const { type, address } = resource;
  switch (type) {
    case "aws_instance":
      return [instanceCharge(resource, prices), ...volumeCharges(resource, prices)];
    case "aws_eip":
      return [charge(address, "public IPv4 addresses", 1, "publicIpv4Hour", prices)];
    case "aws_nat_gateway":
      return [charge(address, "NAT gateways", 1, "natGatewayHour", prices)];
    case "aws_vpc_endpoint":
      return endpointCharges(resource, prices);
    case "aws_s3_bucket":
    case "aws_cloudwatch_log_group":
      return []; // by use only
    default:
      return freeTypes.has(type) ? [] : [gap(address, `the type ${type}`)];
  }
}

function instanceCharge({ address, properties }: PlannedResource, prices: RegionalPrices): Charge | Gap {
  const type = properties.instance_type as string;
  const price = instancePrice(prices, type);
  return price ? hourly(address, "instances", type, price) : gap(address, `${type} in this region`);
}

interface Volume {
  readonly volume_type?: string;
  readonly volume_size?: number;
}

function volumeCharges({ address, properties }: PlannedResource, prices: RegionalPrices): (Charge | Gap)[] {
  const volumes = [properties.root_block_device, properties.ebs_block_device].flat().filter(Boolean) as Volume[];
  return volumes.map(({ volume_type: type, volume_size: sizeGiB }) =>
    type === "gp3" && sizeGiB !== undefined
      ? charge(address, "volumes", sizeGiB, "gp3GibMonth", prices)
      : gap(address, `a volume of type ${type ?? "unknown"} and ${sizeGiB ?? "unknown"} GiB`),
  );
}

function endpointCharges(resource: PlannedResource, prices: RegionalPrices): (Charge | Gap)[] {
  const { address, properties } = resource;
  if (properties.vpc_endpoint_type === "Gateway") return [];
  if (!isInterfaceEndpoint(resource)) return [gap(address, `an endpoint of type ${properties.vpc_endpoint_type}`)];
  const subnets = properties.subnet_ids as readonly unknown[];
  return [charge(address, "interface endpoints", subnets.length, "interfaceEndpointHour", prices)];
}

function ownAddressCharge(plan: Plan, prices: RegionalPrices): Charge[] {
  const { instances, count } = ownAddresses(plan);
  if (count === 0) return [];
  const resource = instances.map(({ address }) => address).join(", ");
  return [
    { ...charge(resource, "public IPv4 addresses", count, "publicIpv4Hour", prices), what: "own public IPv4 address" },
  ];
}

export function isInterfaceEndpoint({ type, properties }: PlannedResource): boolean {
  return type === "aws_vpc_endpoint" && properties.vpc_endpoint_type === "Interface";
}

function charge(
  resource: string,
  kind: Charge["kind"],
  quantity: number,
  name: MeterName,
  { prices }: RegionalPrices,
): Charge {
  const { what, per }: Meter = meters[name];
  const price = prices[name];
  const unitsAMonth = per === "hour" ? hoursPerMonth : 1;
  return { resource, kind, what, quantity, price, per, usdAMonth: rounded(quantity * price.usd * unitsAMonth) };
}

function hourly(resource: string, kind: Charge["kind"], what: string, price: Price): Charge {
  return { resource, kind, what, quantity: 1, price, per: "hour", usdAMonth: rounded(price.usd * hoursPerMonth) };
}

function gap(address: string, what: string): Gap {
  return `${address}: no price for ${what}: left out of the sum`;
}

/** Removes binary rounding errors: a millionth of a dollar is exact enough. */
export function rounded(usd: number): number {
  return Number(usd.toFixed(6));
}
