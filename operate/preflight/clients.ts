import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { connectionToAws } from "../../access/aws-connection.ts";
import { SsmSecretStore } from "../../access/ssm-secret-store.ts";
import type { Clients } from "./ask-aws.ts";

/** Clients of AWS with the operator's own credentials. */
export function clientsOfAws(region: string): Clients {
  const inRegion = (region: string) => ({ region, requestHandler: connectionToAws(region) });
  return {
    ec2: new EC2Client(inRegion(region)),
    iam: new IAMClient(inRegion(region)),
    quotas: new ServiceQuotasClient(inRegion(region)),
    store: new SsmSecretStore(new SSMClient(inRegion(region))),
    s3: (region) => new S3Client(inRegion(region)),
    sts: (region) => new STSClient(inRegion(region)),
  };
}
