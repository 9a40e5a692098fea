import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RolloutStore } from "../../operate/rollout/rollout-store.ts";
import { type Moto, startMoto } from "./moto.ts";

const bucket = "registry-provisioning";
const region = "eu-west-1";
const report = { node: "a", bundle: "1", runs: "0", result: "failed", time: "2026-05-01T12:00:00Z", detail: "nginx" };

describe("what nodes and the operator tell each other, in S3", () => {
  let moto: Moto;
  let client: S3Client;
  let store: RolloutStore;
  const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    client = new S3Client({ endpoint: moto.endpoint, region, credentials, forcePathStyle: true });
    store = new RolloutStore(client, bucket, region);
  }, 600_000);
  beforeEach(async () => {
    await moto.reset();
    await client.send(
      new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: region } }),
    );
    await put("current.yml", "bundle: bundles/1.tar\nsha256: '1'\n");
  });
  afterAll(() => moto?.stop());

  it("is nothing before nodes have reported", async () => {
    expect(await store.read()).toEqual({ bundle: "1", reports: new Map(), control: {} });
  });

  it("is read as it was written", async () => {
    await put("rollout/reports/a.json", JSON.stringify(report));
    const retriedAt = new Date("2026-05-01T12:01:00Z");
    await store.writeControl({ paused: true, retriedAt });
    const { node: _, ...told } = report;
    expect(await store.read()).toEqual({
      bundle: "1",
      reports: new Map([["a", { ...told, time: new Date(report.time) }]]),
      control: { paused: true, retriedAt },
    });
  });

  it("cannot be read before the first deployment", async () => {
    const other = new RolloutStore(client, "other", region);
    await client.send(
      new CreateBucketCommand({ Bucket: "other", CreateBucketConfiguration: { LocationConstraint: region } }),
    );
    await expect(other.read()).rejects.toMatchObject({
      message: "there is no current.yml in the bucket other",
      details: { fix: "npx cdktf deploy" },
    });
  });

  it.each(["{", "{}", JSON.stringify({ ...report, time: "noon" })])(
    "cannot be read if a report is %s",
    async (text) => {
      await put("rollout/reports/a.json", text);
      await expect(store.read()).rejects.toMatchObject({
        message: `rollout/reports/a.json in the bucket ${bucket} is damaged`,
        details: { fix: `aws s3 rm s3://${bucket}/rollout/reports/a.json` },
      });
    },
  );
});
