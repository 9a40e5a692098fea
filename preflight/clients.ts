import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { SsmSecretStore } from "../access/ssm-secret-store.ts";
import type { Clients } from "./ask-aws.ts";

/** Who drops packets must not keep the operator waiting for minutes. */
const requestHandler = { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/** Clients of AWS with the operator's own credentials. */
export function clientsOfAws(region: string): Clients {
  const shared = { region, requestHandler };
  const s3 = (region: string) => new S3Client({ region, requestHandler });
  return {
    ec2: new EC2Client(shared),
    store: new SsmSecretStore(new SSMClient(shared)),
    buckets: s3,
    objects: s3,
    sts: (region) => new STSClient({ region, requestHandler }),
  };
}
