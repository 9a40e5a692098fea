import { z } from "zod";

/**
 * The kinds of values that a config is made of.
 *
 * The message of every zod check here says what is allowed, not what is wrong: both error messages and the table in
 * docs/settings.md print it.
 */

declare module "zod" {
  interface GlobalMeta {
    /** The allowed values, as shown in error messages. */
    allowed?: string;
    /** What applies without the setting, if that is not a plain default value. */
    byDefault?: string;
  }
}

export function text(form: RegExp, allowed: string) {
  return z.string(allowed).regex(form, allowed).meta({ allowed });
}

export function wholeNumber(least: number, most: number) {
  const allowed = `a whole number from ${least} to ${most}`;
  return z.int(allowed).min(least, allowed).max(most, allowed).meta({ allowed });
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  const allowed = `one of ${values.join(", ")}`;
  return z.enum(values, allowed).meta({ allowed });
}

export function trueOrFalse() {
  const allowed = "true or false";
  return z.boolean(allowed).meta({ allowed });
}

/** @param allowed - what the list may contain and how many; its items have their own `allowed` */
export function listOf<Item extends z.ZodType>(item: Item, least: number, most: number, allowed: string) {
  return z.array(item, allowed).min(least, allowed).max(most, allowed).meta({ allowed });
}

export function cidr() {
  const allowed = "an IPv4 CIDR, such as 198.51.100.0/24";
  return z.string(allowed).regex(z.regexes.cidrv4, allowed).meta({ allowed });
}

/** A CIDR whose prefix is neither shorter than `/least` nor longer than `/most`. */
export function cidrBetween(least: number, most: number) {
  const allowed = `an IPv4 CIDR from /${least} to /${most}, such as 10.80.0.0/${least}`;
  const hasLength = (value: string) => {
    const length = Number(value.split("/")[1]);
    return length >= least && length <= most;
  };
  return z.string(allowed).regex(z.regexes.cidrv4, allowed).refine(hasLength, allowed).meta({ allowed });
}

export function dnsName() {
  return text(
    /^(?=.{1,253}$)(?=.*[a-z])([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "a lower-case DNS name with at least one dot and at most 253 characters, such as registry.example.internal",
  );
}

/** S3 allows dots in bucket names, but then TLS to the bucket's host name fails. */
export function bucketName() {
  return text(
    /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|--x-s3|--table-s3)$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    "3 to 63 lower-case letters, digits and hyphens, with none of the prefixes and suffixes that S3 reserves",
  );
}

export function region() {
  return text(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, "an AWS region, such as eu-west-1");
}

export function policyArn() {
  return text(
    /^arn:aws[a-z-]*:iam::\d{12}:policy\/[A-Za-z0-9+=,.@_/-]{1,512}$/,
    "the ARN of an IAM policy of your own: arn:aws:iam::ACCOUNT:policy/NAME",
  );
}

export function kmsKeyArn() {
  return text(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,256}$/,
    "the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID",
  );
}
