import { expect, it } from "vitest";
import { blobKey, linkedDigests } from "../../../bench/throughput/stored-blobs.ts";

const hex = `ab${"0".repeat(62)}`;

it("finds blobs by the layers of the repository, and no others", () => {
  const root = "registry/docker/registry/v2/repositories/bench";
  const keys = [`${root}/_layers/sha256/${hex}/link`, `${root}/_uploads/1/startedat`, `${root}/_uploads/1/data`];
  expect(linkedDigests(keys)).toEqual([`sha256:${hex}`]);
});

it("knows where the registry keeps a blob", () => {
  expect(blobKey(`sha256:${hex}`)).toBe(`blobs/sha256/ab/${hex}/data`);
});
