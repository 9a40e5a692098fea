/** Domains of AWS partitions, by the prefix of their regions. All others use `amazonaws.com`. */
const domains: Readonly<Record<string, string>> = {
  "cn-": "amazonaws.com.cn",
  "eusc-": "amazonaws.eu",
  "us-iso-": "c2s.ic.gov",
  "us-isob-": "sc2s.sgov.gov",
  "eu-isoe-": "cloud.adc-e.uk",
};

/** The host name of S3 in a region. */
export function s3Host(region: string): string {
  const partition = Object.keys(domains).find((start) => region.startsWith(start));
  return `s3.${region}.${partition ? domains[partition] : "amazonaws.com"}`;
}

/** The host name under which the registry reaches a bucket. */
export const bucketHost = (bucket: string, region: string) => `${bucket}.${s3Host(region)}`;
