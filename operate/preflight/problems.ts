import { noCredentials } from "../../access/explain-aws-error.ts";
import type { ConfigFault } from "../../config/errors.ts";
import type { Archive, Refusal } from "./facts.ts";
import type { Quota } from "./quotas.ts";

/** Something that would make a deployment fail. */
export interface Problem extends ConfigFault {
  /** What has the problem, if not a value of the config. */
  readonly subject?: string;
}

/** What is left of a quota, and what the cluster still needs of it. */
interface Room {
  readonly limit: number;
  readonly free: number;
  readonly needed: number;
}

/** Every message of the preflight. Lower case; what is wrong, what is allowed, how to mend it. */
export const problem = {
  /** @param action - the request, as policies name it: `ec2:DescribeImages` */
  refused: (region: string, action: string, { kind, words }: Refusal): Problem => {
    switch (kind) {
      case "no credentials": {
        const { problem, fix } = noCredentials();
        return credentials(problem.replace("there are no AWS credentials", "there are none"), fix);
      }
      case "expired":
        return credentials(
          `they have expired (${words})`,
          "log in again, or get new keys; this does not affect what is deployed",
        );
      case "unknown credentials":
        return credentials(
          `AWS does not know them in ${region} (${words})`,
          "check the profile or keys, and this machine's clock",
        );
      case "denied":
        return credentials(`they may not ${action} (${words})`, `add ${action} to the policy of this user or role`);
      case "unreachable":
        return {
          path: "region",
          value: region,
          problem: `AWS does not answer there (${words})`,
          allowed: "a region of AWS",
          fix: "correct the region, or this machine's network",
        };
      default:
        return {
          subject: "AWS",
          path: "",
          problem: `it did not answer ${action} (${words})`,
          allowed: "an answer",
          fix: "try again in a minute",
        };
    }
  },

  regionDisabled: (region: string): Problem => ({
    path: "region",
    value: region,
    problem: "the account does not have this region enabled",
    allowed: "a region that is enabled for the account",
    fix: `enable it, which takes some minutes (aws account enable-region --region-name ${region}), or choose another`,
  }),

  zoneMissing: (path: string, value: string, zones: readonly string[]): Problem => ({
    path,
    value,
    problem: "the account has no such zone, or it is not available",
    allowed: zones.join(", "),
    fix: "choose among these; zones of a deployed cluster must stay in their order",
  }),

  imageMissing: (path: string, value: string, region: string, alsoAt: readonly string[]): Problem => ({
    path,
    value,
    problem: `there is no such image in ${region} that this account may use${alsoText(alsoAt)}`,
    allowed: "an image of Debian 12 (amd64) in the region; each region has its own ids",
    fix: "print the newest with the command in the project's cluster.yml, and write its id here",
  }),

  imageUnavailable: (path: string, value: string, state: string, alsoAt: readonly string[]): Problem => ({
    path,
    value,
    problem: `the image is ${state}${alsoText(alsoAt)}`,
    allowed: "an image that is available",
    fix: "choose another image, or wait until this one is available",
  }),

  imageOtherArchitecture: (path: string, value: string, given: string, alsoAt: readonly string[]): Problem => ({
    path,
    value,
    problem: `an image for ${given}, but the cluster's programs are for x86_64${alsoText(alsoAt)}`,
    allowed: "an image of Debian 12 for x86_64, which Debian calls amd64",
    fix: "choose an image with amd64 in its name",
  }),

  typeNotOffered: (path: string, value: string, zones: readonly string[], offeredIn: readonly string[]): Problem => ({
    path,
    value,
    problem: `not offered in ${zones.join(", ")}`,
    allowed: `a type that is offered in every zone of its nodes; this one is in ${offeredIn.join(", ") || "none"}`,
    fix: "choose another type, or other zones",
  }),

  overQuota: ({ subject, service, code, makeRoom }: Quota, region: string, { limit, free, needed }: Room): Problem => ({
    subject,
    path: "",
    problem: `${free} of ${limit} are free in ${region}, and this cluster needs ${needed} more`,
    allowed: `at least ${needed} free`,
    fix: `${makeRoom}, or ask for more: aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} --quota-code ${code} --desired-value ${limit - free + needed}`,
  }),

  keyPairTaken: (value: string): Problem => ({
    path: "name",
    value,
    problem: "the account has an EC2 key pair of this name, which is in no state of this cluster",
    allowed: "a name that no key pair in the region has",
    fix: `choose another name, or delete the key pair if nobody uses it: aws ec2 delete-key-pair --key-name ${value}`,
  }),

  rolesTaken: (value: string, taken: readonly string[]): Problem => ({
    path: "name",
    value,
    problem: `the account has what the cluster would create, in no state of this cluster: ${taken.join(", ")}`,
    allowed: "a name that no other cluster of the account has in the region",
    fix: "choose another name; or delete them, if they are left over from a cluster that is gone",
  }),

  bucketHidden: (path: string, value: string): Problem => ({
    path,
    value,
    problem: "taken, by another account or by a bucket that these credentials may not see",
    allowed: "a name that no bucket in the whole of AWS has",
    fix: "choose another name; include your organisation's name or your account's number",
  }),

  bucketElsewhere: (path: string, value: string, otherRegion: string, region: string): Problem => ({
    path,
    value,
    problem: `a bucket of this name is in ${otherRegion}`,
    allowed: `a name that no bucket in the whole of AWS has, or a bucket of this account in ${region}`,
    fix: "choose another name",
  }),

  stateBucketMissing: (value: string): Problem => ({
    path: "backend.s3.bucket",
    value,
    problem: "there is no such bucket",
    allowed: "a bucket that exists: Terraform does not create the one for its own state",
    fix: "create it once, by hand: docs/environments.md has the commands",
  }),

  stateBucketHidden: (value: string): Problem => ({
    path: "backend.s3.bucket",
    value,
    problem: "another account's, or these credentials may not see it",
    allowed: "a bucket that they may list, and whose state and lock they may read, write and delete",
    fix: "correct the name, or the policy of this user or role",
  }),

  stateBucketElsewhere: (value: string, otherRegion: string): Problem => ({
    path: "backend.s3.region",
    value,
    problem: `the bucket is in ${otherRegion}`,
    allowed: "the region of the bucket",
    fix: `write region: ${otherRegion} under backend.s3`,
  }),

  stateStillLocal: (key: string, file: string): Problem => ({
    path: "backend.s3",
    problem: `there is no state at ${key} yet, but ${file} has one: Terraform would create everything a second time`,
    allowed: "one state of each cluster",
    fix: "move it first: docs/environments.md has the steps",
  }),

  secretsMissing: (paths: readonly string[]): Problem => ({
    subject: "secrets",
    path: "",
    problem: `missing in SSM: ${paths.join(", ")}`,
    allowed: "every secret that the nodes read",
    fix: "npx registry-cluster access init",
  }),

  archiveMissing: ({ name, path }: Archive): Problem => ({
    subject: name,
    path: "",
    problem: `there is no ${path}, which the deployment uploads`,
    allowed: "the archive of this version of the project, in the cache",
    fix: "npx registry-cluster artifacts build",
  }),
};

function credentials(what: string, fix: string): Problem {
  return {
    subject: "AWS credentials",
    path: "",
    problem: what,
    allowed: "credentials that may deploy the cluster",
    fix,
  };
}

function alsoText(paths: readonly string[]): string {
  return paths.length > 0 ? ` (also at ${paths.join(", ")})` : "";
}
