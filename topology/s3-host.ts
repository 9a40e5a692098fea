/** Domains of AWS partitions, by the prefix of their regions. All others use `amazonaws.com`. */
const domains: Readonly<Record<string, string>> = {
  "cn-": "amazonaws.com.cn",
  "eusc-": "amazonaws.eu",
  "us-iso-": "c2s.ic.gov",
  "us-isob-": "sc2s.sgov.gov",
  "eu-isoe-": "cloud.adc-e.uk",
};

/** The host name under which the registry reaches a bucket. For us-east-1 AWS's Go SDK uses the older name without the region. */
export function bucketHost(bucket: string, region: string): string {
  if (region === "us-east-1") return `${bucket}.s3.amazonaws.com`;
  const partition = Object.keys(domains).find((start) => region.startsWith(start));
  return `${bucket}.s3.${region}.${partition ? domains[partition] : "amazonaws.com"}`;
}
