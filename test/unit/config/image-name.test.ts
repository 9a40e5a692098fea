import { describe, expect, it } from "vitest";
import { PermanentError } from "../../../common/errors.ts";
import { imageTagOf, parseImageName } from "../../../config/image-name.ts";

describe("a place to push to", () => {
  it.each([
    ["registry.example/app", "registry.example", "app"],
    ["127.0.0.1:8443/team/app_one", "127.0.0.1:8443", "team/app_one"],
    ["localhost/a", "localhost", "a"],
    ["registry:5000/a/b/c", "registry:5000", "a/b/c"],
  ])("may be %s", (text, host, path) => {
    expect(parseImageName(text)).toEqual({ host, path });
  });

  it.each([
    ["app", "it has no path"],
    ["team/app", "it has neither a dot nor a port"],
    ["registry.example/App", "must be lower-case words"],
    ["registry.example/app:v1", "must be lower-case words"],
    ["registry.example/app@sha256:1", "must be lower-case words"],
    ["https://registry.example/app", "is not a host"],
    ["registry.example/../app", "must be lower-case words"],
  ])("is refused: %s", (text, why) => {
    expect(() => parseImageName(text)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ cause: expect.stringContaining(why) }) }),
    );
  });
});

describe("the tag of an image", () => {
  it("is the git tag, with dashes for its slashes", () => {
    expect(imageTagOf("v1.2.3-rc.1")).toBe("v1.2.3-rc.1");
    expect(imageTagOf("release/1.0")).toBe("release-1.0");
    expect(imageTagOf("_x")).toBe("_x");
    expect(imageTagOf("x".repeat(128))).toHaveLength(128);
  });

  it.each(["v1+build.5", "äpfel", ".hidden", "-x", "/x", "v1,2", "v1!", "x".repeat(129), `a/${"x".repeat(127)}`])(
    "cannot be made of every git tag, which is no use to try again: %s",
    (name) => {
      expect(() => imageTagOf(name)).toThrow(PermanentError);
      expect(() => imageTagOf(name)).toThrow(`the git tag '${name}' cannot be an image's tag`);
    },
  );
});
