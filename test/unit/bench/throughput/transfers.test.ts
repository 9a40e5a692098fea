import { describe, expect, it } from "vitest";
import { checkPull, checkPush, parseTransfers } from "../../../bench/throughput/transfers.ts";

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;
const pullOf = (lines: string) => `${lines}
took 1500000000 ns
0m0.010000s 0m0.020000s
1m1.300000s 0m0.170000s
pulled ${digest}  pulled
`;

describe("what the client prints", () => {
  it("has status, redirects and size of each transfer", () => {
    const { transfers } = parseTransfers(pullOf("transfer 200 1 16777216\ntransfer 503 0 19"));
    expect(transfers).toEqual([
      { status: 200, redirects: 1, receivedBytes: 16_777_216 },
      { status: 503, redirects: 0, receivedBytes: 19 },
    ]);
  });

  it("has the time that all took together, and the CPU time of the client and its programs", () => {
    const { seconds, cpuSec } = parseTransfers(pullOf("transfer 200 0 1"));
    expect(seconds).toBe(1.5);
    expect(cpuSec).toBeCloseTo(61.5);
  });

  it("has the digest of what was pulled", () => {
    expect(parseTransfers(pullOf("transfer 200 0 1")).pulled).toBe(digest);
  });

  it("is refused when the client ended early", () => {
    expect(() => parseTransfers("transfer 200 0 1\n")).toThrow("did not say how long it took");
  });
});

describe("a pull", () => {
  const blobs = { digests: [digest, other], bytes: 16, redirects: 0 };
  const pulled = (second: string) => parseTransfers(pullOf(`transfer 200 0 16\ntransfer ${second}`));

  it("counts when every blob came whole", () => {
    expect(() => checkPull(pulled("200 0 16"), blobs)).not.toThrow();
  });

  it.each([
    ["of another status", "502 0 16", "ended with the status 502, not 200"],
    ["of another size", "200 0 15", "brought 15 bytes, not 16"],
    ["that was sent to S3 unasked", "200 1 16", "redirected 1 times, not 0"],
  ])("does not count with a transfer %s", (_what, second, message) => {
    expect(() => checkPull(pulled(second), blobs)).toThrow(message);
  });

  it("does not count with other bytes", () => {
    expect(() => checkPull(pulled("200 0 16"), { ...blobs, digests: [other, digest] })).toThrow(
      `pulled ${digest}, not ${other}`,
    );
  });

  it("does not count when a blob is missing", () => {
    expect(() => checkPull(pulled("200 0 16"), { ...blobs, digests: [digest] })).toThrow("2 transfers, not 1");
  });
});

describe("a push of two blobs", () => {
  const pushed = (...statuses: number[]) =>
    parseTransfers(`${statuses.map((status) => `transfer ${status} 0 0`).join("\n")}\ntook 1 ns\n`);

  it("counts when every upload was opened and finished", () => {
    expect(() => checkPush(pushed(202, 202, 201, 201), [202, 201], 2)).not.toThrow();
  });

  it("does not count when one was not finished", () => {
    expect(() => checkPush(pushed(202, 202, 201, 202), [202, 201], 2)).toThrow(
      "request 4 of a push ended with the status 202, not 201",
    );
  });

  it("says what was answered when uploads were not opened at all", () => {
    expect(() => checkPush(pushed(401, 401), [202, 201], 2)).toThrow("ended with the status 401, not 202");
  });
});
