import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hostAddress,
  isInside,
  lastUsableAddress,
  overlap,
  sixteenths,
  withoutHostBits,
} from "../../../common/ipv4.ts";

describe("sixteenths", () => {
  it("cuts a network into sixteen subnets in order", () => {
    const blocks = sixteenths("10.80.0.0/16");

    expect(blocks).toHaveLength(16);
    expect(blocks.slice(0, 2)).toEqual(["10.80.0.0/20", "10.80.16.0/20"]);
    expect(blocks[15]).toBe("10.80.240.0/20");
  });

  it("reaches the last address there is", () => {
    expect(sixteenths("255.255.255.0/24")[15]).toBe("255.255.255.240/28");
  });
});

describe("addresses of a subnet", () => {
  it("are counted from its first one", () => {
    expect(hostAddress("10.80.16.0/20", 5)).toBe("10.80.16.5");
    expect(hostAddress("10.80.16.0/20", 256)).toBe("10.80.17.0");
  });

  it("end one before the broadcast address", () => {
    expect(lastUsableAddress("10.80.0.0/28")).toBe("10.80.0.14");
    expect(lastUsableAddress("10.80.0.0/28", 1)).toBe("10.80.0.13");
  });
});

describe("withoutHostBits", () => {
  it.each([
    ["10.0.0.5/16", "10.0.0.0/16"],
    ["10.0.0.0/16", "10.0.0.0/16"],
    ["203.0.113.7/32", "203.0.113.7/32"],
    ["255.255.255.255/0", "0.0.0.0/0"],
  ])("makes %s %s", (given, network) => {
    expect(withoutHostBits(given)).toBe(network);
  });
});

describe("two networks", () => {
  const cidr = fc
    .tuple(fc.nat(2 ** 32 - 1), fc.nat(32))
    .map(([number, prefix]) => withoutHostBits(`${hostAddress("0.0.0.0/0", number)}/${prefix}`));

  it("overlap exactly if one is inside the other", () => {
    fc.assert(fc.property(cidr, cidr, (a, b) => overlap(a, b) === (isInside(a, b) || isInside(b, a))));
  });

  it("that only touch do not overlap", () => {
    expect(overlap("172.16.0.0/16", "172.17.0.0/16")).toBe(false);
    expect(overlap("172.18.0.0/16", "172.17.0.0/16")).toBe(false);
  });

  it("overlap when they share one address", () => {
    expect(overlap("172.17.255.255/32", "172.17.0.0/16")).toBe(true);
  });
});
