import type { EC2Client, ResourceType, TagSpecification } from "@aws-sdk/client-ec2";
import type { IAMClient } from "@aws-sdk/client-iam";
import type { S3Client } from "@aws-sdk/client-s3";
import { OperatorError } from "../../../common/errors.ts";
import type { Plan } from "../../../operate/plan/synthesized-plan.ts";

/** Clients of the lab's AWS API. */
export interface Clients {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  /** For buckets and their settings, which are in the API. */
  readonly buckets: S3Client;
  /** For objects, which are in the S3 server. */
  readonly objects: S3Client;
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of each type is the provider's, and the plan was checked against it.
export type Properties = Readonly<Record<string, any>>;

/** Attributes that others may refer to once a resource exists. */
export type Known = Readonly<Record<string, string>>;

/** Turns a resource of the plan into API calls, as the provider would. */
export type Creator = (clients: Clients, properties: Properties, plan: Plan) => Promise<Known>;

/** By resource type. */
export type Creators = Readonly<Record<string, Creator>>;

/** The id of the lab's AWS account. */
export const accountId = "123456789012";

export const arnOf = async (ec2: EC2Client, resource: string) =>
  `arn:aws:ec2:${await ec2.config.region()}:${accountId}:${resource}`;

/** Tags as the provider would send them. */
export function tags(type: ResourceType, properties: Properties): TagSpecification[] {
  const given = (properties.tags ?? {}) as Record<string, string>;
  return [{ ResourceType: type, Tags: Object.entries(given).map(([Key, Value]) => ({ Key, Value })) }];
}

/** @throws OperatorError if the API returned no id. */
export function need(value: string | undefined): string {
  if (value === undefined)
    throw new OperatorError("the lab's AWS API returned no id for what it created", {
      fix: "npx registry-cluster lab logs aws shows why; lab down, then lab up again",
    });
  return value;
}
