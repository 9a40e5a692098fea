import { describe, expect, it } from "vitest";
import { type Pace, refuseOtherPace, seedOf } from "../../../lab/pace.ts";

const running = (asOnAws?: number) => (pace: Pace) => () => refuseOtherPace({ name: "demo", asOnAws }, pace);

describe("a new lab", () => {
  it("takes the seed that it is given, and draws one if it is given none", () => {
    expect(seedOf({ asOnAws: 42 })).toBe(42);
    expect(seedOf({ asOnAws: true })).toBeTypeOf("number");
  });

  it("is immediate unless asked", () => {
    expect(seedOf({})).toBeUndefined();
  });
});

describe("a running lab", () => {
  it.each<[number | undefined, Pace]>([
    [undefined, {}],
    [42, {}],
    [42, { asOnAws: true }],
    [42, { asOnAws: 42 }],
  ])("with seed %s can be brought up again with %o", (seed, pace) => {
    expect(running(seed)(pace)).not.toThrow();
  });

  it("refuses AWS's delays if it was booted without, and says what to type", () => {
    expect(running()({ asOnAws: true })).toThrow("the lab 'demo' runs without --as-on-aws");
    expect(running()({ asOnAws: 7 })).toThrow(
      expect.objectContaining({
        details: { fix: "npm stop, then npm start -- --as-on-aws 7; the images that were pushed to the lab are lost" },
      }),
    );
  });

  it("refuses another seed than its own", () => {
    expect(running(42)({ asOnAws: 7 })).toThrow("the lab 'demo' runs with --as-on-aws 42");
  });
});
