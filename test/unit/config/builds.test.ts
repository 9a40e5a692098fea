import { describe, expect, it } from "vitest";
import { parseBuilds } from "../../../config/builds.ts";
import { ConfigError } from "../../../config/errors.ts";

type Repositories = Record<string, { image?: string }>;

function faultsOf(image: string | undefined, repositories: Repositories) {
  const entries = Object.entries(repositories).map(([name, own]) => [
    name,
    { url: `https://git.example/${name}.git`, tags: "*", ...own },
  ]);
  try {
    parseBuilds(JSON.stringify({ image, repositories: Object.fromEntries(entries) }), "builds.yml");
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ path, problem }) => `${path} ${problem}`);
    throw error;
  }
}
const shared = (path: string, first: string) => `${path} is also where the images of ${first} go`;

describe("two repositories that make one image", () => {
  it.each<[why: string, image: string | undefined, repositories: Repositories, path: string]>([
    ["the image for all has no {name}", "r.example/app", { a: {}, b: {} }, "image"],
    [
      "one names what {name} makes of the other",
      "r.example/{name}",
      { a: {}, b: { image: "r.example/a" } },
      "repositories.b.image",
    ],
    ["both name it", undefined, { a: { image: "r.example/x" }, b: { image: "r.example/x" } }, "repositories.b.image"],
    [
      "one puts {name} into its own",
      undefined,
      { a: { image: "r.example/a" }, b: { image: "r.example/a" } },
      "repositories.b.image",
    ],
    [
      "hosts differ by case only",
      undefined,
      { a: { image: "r.example/x" }, b: { image: "R.Example/x" } },
      "repositories.b.image",
    ],
    [
      "one names the port that is meant anyway",
      undefined,
      { a: { image: "r.example:443/x" }, b: { image: "r.example/x" } },
      "repositories.b.image",
    ],
  ])("are refused: %s", (_why, image, repositories, path) => {
    expect(faultsOf(image, repositories)).toEqual([shared(path, "a")]);
  });

  it.each<[why: string, image: string | undefined, repositories: Repositories]>([
    ["names that differ", "r.example/{name}", { a: {}, "a-b": {}, "a.b": {}, a_b: {} }],
    ["hosts that differ", undefined, { a: { image: "r.example/x" }, b: { image: "s.example/x" } }],
    ["ports that differ", undefined, { a: { image: "r.example/x" }, b: { image: "r.example:5000/x" } }],
    ["one below the other", undefined, { a: { image: "r.example/x" }, b: { image: "r.example/x/y" } }],
  ])("are not taken for that: %s", (_why, image, repositories) => {
    expect(faultsOf(image, repositories)).toEqual([]);
  });
});
