/** Something that AWS bills, besides instances: our name for it, and its place in AWS's price list. */
export interface Meter {
  /** What is billed, such as `public IPv4 address`. */
  readonly what: string;
  /** The unit of the price, such as an hour, or a GiB for a month. */
  readonly per: "hour" | "GiB and month" | "GB" | "GB and month" | "1000 requests" | "vCPU hour";
  /**
   * Its place in AWS's price list.
   * @default - the list has no unique entry: the price is kept by hand, and is the same in every region
   */
  readonly listed?: {
    readonly offer: OfferCode;
    /** The offer file's name of the usage, after the region's prefix. */
    readonly usageType: string;
    /**
     * How many of the offer file's units our price is for.
     * @default 1
     */
    readonly units?: number;
  };
}

/** AWS's name of a service's price list. */
export type OfferCode = "AmazonEC2" | "AmazonVPC" | "AmazonCloudWatch" | "AmazonS3" | "AWSDataTransfer";

/** Every meter except instances. For tiered prices, the first tier counts. */
export const meters = {
  publicIpv4Hour: {
    what: "public IPv4 address",
    per: "hour",
    listed: { offer: "AmazonVPC", usageType: "PublicIPv4:InUseAddress" },
  },
  interfaceEndpointHour: {
    what: "interface endpoint in a subnet",
    per: "hour",
    listed: { offer: "AmazonVPC", usageType: "VpcEndpoint-Hours" },
  },
  interfaceEndpointGb: {
    what: "traffic through interface endpoints",
    per: "GB",
    listed: { offer: "AmazonVPC", usageType: "VpcEndpoint-Bytes" },
  },
  natGatewayHour: {
    what: "NAT gateway",
    per: "hour",
    listed: { offer: "AmazonEC2", usageType: "NatGateway-Hours" },
  },
  natGatewayGb: {
    what: "traffic through the NAT gateway",
    per: "GB",
    listed: { offer: "AmazonEC2", usageType: "NatGateway-Bytes" },
  },
  gp3GibMonth: {
    what: "gp3 volume",
    per: "GiB and month",
    listed: { offer: "AmazonEC2", usageType: "EBS:VolumeUsage.gp3" },
  },
  flowLogGb: {
    what: "flow log ingestion",
    per: "GB",
    listed: { offer: "AmazonCloudWatch", usageType: "VendedLog-Bytes" },
  },
  storedLogGbMonth: {
    what: "log storage, compressed",
    per: "GB and month",
    listed: { offer: "AmazonCloudWatch", usageType: "TimedStorage-ByteHrs" },
  },
  s3GbMonth: {
    what: "S3 storage",
    per: "GB and month",
    listed: { offer: "AmazonS3", usageType: "TimedStorage-ByteHrs" },
  },
  s3ThousandWrites: {
    what: "S3 writes and lists",
    per: "1000 requests",
    listed: { offer: "AmazonS3", usageType: "Requests-Tier1", units: 1000 },
  },
  s3ThousandReads: {
    what: "S3 reads",
    per: "1000 requests",
    listed: { offer: "AmazonS3", usageType: "Requests-Tier2", units: 1000 },
  },
  internetGb: {
    what: "traffic to the internet, after 100 GB a month",
    per: "GB",
    listed: { offer: "AWSDataTransfer", usageType: "DataTransfer-Out-Bytes" },
  },
  betweenZonesGb: {
    what: "traffic between zones, in each direction",
    per: "GB",
    listed: { offer: "AWSDataTransfer", usageType: "DataTransfer-Regional-Bytes" },
  },
  t3CreditHour: { what: "t3 instances, CPU beyond earned credits", per: "vCPU hour" },
} as const satisfies Record<string, Meter>;

export type MeterName = keyof typeof meters;

export const meterNames = Object.keys(meters) as MeterName[];

/** The offer files that have prices of meters or instances. */
export const offerCodes = [
  ...new Set(meterNames.flatMap((name) => (meters[name] as Meter).listed?.offer ?? [])),
] as readonly OfferCode[];
