import { describe, expect, it } from "vitest";
import { shownEstimates } from "./cost-parts.ts";

describe("the cost that the documents show", () => {
  it("covers every resource of the plan, and of every change that they name", () => {
    expect(shownEstimates.flatMap(({ leftOut }) => leftOut)).toEqual([]);
  });
});
