import { describe, expect, it } from "vitest";
import { parsePattern } from "../../../config/tag-pattern.ts";

describe("a pattern of tags", () => {
  it.each([
    ["v*", "v1.2.3", true],
    ["v*", "release-1", false],
    ["release/**", "release/1/2", true],
    ["*", "a/b", false],
    ["v[0-9]*", "v1", true],
    [">=1.2 <2", "v1.3.0", true],
    [">=1.2 <2", "1.3.0", true],
    [">=1.2 <2", "v2.0.0", false],
    [">=1.2", "v1.3.0-rc.1", false],
    [">=1.3.0-rc.0", "v1.3.0-rc.1", true],
    [">=1.2", "latest", false],
    [">=1.2", "vv1.3.0", false],
    ["^1.4", "v1.5.0", true],
    ["build=*", "build=7", true],
  ])("%s takes %s: %s", (pattern, tag, expected) => {
    expect(parsePattern(pattern)?.(tag)).toBe(expected);
  });

  it.each(["", " ", ">=banana", ">= 1 banana", "v[1"])("is refused: %j", (pattern) => {
    expect(parsePattern(pattern)).toBeUndefined();
  });
});
