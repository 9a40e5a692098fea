/** Domains of AWS's partitions, by how their regions begin. All others are below `amazonaws.com`. */
const domains: Readonly<Record<string, string>> = {
  "cn-": "amazonaws.com.cn",
  "eusc-": "amazonaws.eu",
  "us-iso-": "c2s.ic.gov",
  "us-isob-": "sc2s.sgov.gov",
  "eu-isoe-": "cloud.adc-e.uk",
};

/** The host name under which the registry reaches a bucket: AWS's Go SDK knows us-east-1 by its older name, without the region. */
export function bucketHost(bucket: string, region: string): string {
  if (region === "us-east-1") return `${bucket}.s3.amazonaws.com`;
  const partition = Object.keys(domains).find((start) => region.startsWith(start));
  return `${bucket}.s3.${region}.${partition ? domains[partition] : "amazonaws.com"}`;
}
