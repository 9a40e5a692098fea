import { readFileSync } from "node:fs";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { planFile } from "../../plan.ts";
import type { Creators } from "./creator.ts";

/** Buckets and what is in them. */
export const storage: Creators = {
  async aws_s3_bucket({ s3 }, p) {
    await s3.send(new CreateBucketCommand({ Bucket: p.bucket }));
    return { id: p.bucket, bucket: p.bucket, arn: `arn:aws:s3:::${p.bucket}` };
  },

  async aws_s3_object({ s3 }, p, plan) {
    const body = p.source ? readFileSync(planFile(plan, p.source)) : Buffer.from(p.content as string);
    await s3.send(new PutObjectCommand({ Bucket: p.bucket, Key: p.key, Body: body }));
    return { id: p.key, key: p.key };
  },
};
