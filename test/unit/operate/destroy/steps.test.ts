import { describe, expect, it } from "vitest";
import { destroySteps } from "../../../../operate/destroy/steps.ts";

const buckets = ["aws_s3_bucket.registry_bucket", "aws_s3_bucket_versioning.registry-bucket_versioning_1A"];
const proxies = ["aws_instance.proxy-1", "aws_instance.proxy-2"];
const others = ["aws_eip.service_address", "aws_instance.registry-1", "aws_vpc.network_vpc_2B"];
const state = [...buckets, ...others, ...proxies];

describe("destroying a cluster", () => {
  it("begins with the proxies, which would take the service address back", () => {
    expect(destroySteps(state, { keepAddress: false }).steps).toEqual([proxies, others]);
  });

  it("leaves the buckets and their settings", () => {
    expect(destroySteps(state, { keepAddress: false }).stays).toEqual(buckets);
  });

  it("leaves the service address if asked to", () => {
    const { steps, stays } = destroySteps(state, { keepAddress: true });
    expect(stays).toEqual([...buckets, "aws_eip.service_address"]);
    expect(steps.flat()).not.toContain("aws_eip.service_address");
  });

  it("goes on where an earlier one has stopped", () => {
    expect(destroySteps([...buckets, ...others], { keepAddress: false }).steps).toEqual([others]);
    expect(destroySteps(buckets, { keepAddress: false }).steps).toEqual([]);
  });
});
