import { readFileSync } from "node:fs";
import { type BucketLocationConstraint, CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { planFile } from "../../../operate/plan/synthesized-plan.ts";
import type { Creators } from "./creator.ts";

/** Buckets and what is in them. */
export const storage: Creators = {
  async aws_s3_bucket({ buckets }, p) {
    const region = await buckets.config.region();
    const LocationConstraint = region as BucketLocationConstraint;
    // S3 refuses us-east-1 as a location constraint.
    const place = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint } };
    await buckets.send(new CreateBucketCommand({ Bucket: p.bucket, ...place }));
    return { id: p.bucket, bucket: p.bucket, arn: `arn:aws:s3:::${p.bucket}` };
  },

  async aws_s3_object({ objects }, p, plan) {
    const body = p.source ? readFileSync(planFile(plan, p.source)) : Buffer.from(p.content as string);
    await objects.send(new PutObjectCommand({ Bucket: p.bucket, Key: p.key, Body: body }));
    return { id: p.key, key: p.key };
  },
};
