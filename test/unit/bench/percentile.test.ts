import { describe, expect, it } from "vitest";
import { percentile } from "../../bench/percentile.ts";

const oneTo = (last: number) => Array.from({ length: last }, (_unused, index) => index + 1);

describe("a percentile", () => {
  it("is the second largest of 30 values for the 95th", () => {
    expect(percentile(oneTo(30), 95)).toBe(29);
  });

  it("is the 15th of 30 values for the median: a value that was measured", () => {
    expect(percentile(oneTo(30), 50)).toBe(15);
  });

  it("is the largest of a few values", () => {
    expect(percentile([3, 1, 2], 95)).toBe(3);
  });

  it("does not depend on the order of the values, and leaves it as it is", () => {
    const values = [10, 9, 100];
    expect(percentile(values, 50)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  it("is refused for no values at all", () => {
    expect(() => percentile([], 50)).toThrow("no values");
  });
});
