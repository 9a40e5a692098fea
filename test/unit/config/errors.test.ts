import { describe, expect, it } from "vitest";
import { ConfigError, type ConfigFault } from "../../../config/errors.ts";
import { fault } from "../../../config/faults.ts";

const errorOf = (fileName: string, faults: readonly ConfigFault[]) => new ConfigError([{ fileName, faults }]);

describe("the message of a config error", () => {
  it("gives the place, what is wrong, what was given, what is allowed and how to mend it", () => {
    const error = errorOf("cluster.yml", [
      { ...fault.wrongValue("proxies.count", 1, "a whole number from 2 to 8", "write 2"), line: 12 },
    ]);

    expect(error.message).toBe(
      [
        "cluster.yml has a fault:",
        "",
        "cluster.yml:12: proxies.count: not allowed",
        "  given:   1",
        "  allowed: a whole number from 2 to 8",
        "  mend:    write 2",
      ].join("\n"),
    );
  });

  it("counts the faults, and leaves out what does not exist: a line, a path, a value", () => {
    const error = errorOf("a.yml", [
      fault.fileMissing("cluster.yml"),
      fault.missing("region", "an AWS region", "AWS region"),
    ]);

    expect(error.message).toBe(
      [
        "a.yml has 2 faults:",
        "",
        "a.yml: there is no such file",
        "  allowed: the path of a config file",
        "  mend:    name a file that exists, or start from a copy of the project's cluster.yml",
        "",
        "a.yml: region: missing",
        "  allowed: an AWS region",
        "  mend:    add it: AWS region",
      ].join("\n"),
    );
  });

  it("has every file with its own faults", () => {
    const { message, faults } = new ConfigError([
      { fileName: "a.yml", faults: [fault.fileMissing("cluster.yml")] },
      {
        fileName: "b.yml",
        faults: [fault.fileMissing("cluster.yml"), fault.repeated("network.zones[1]", "eu-west-1a")],
      },
    ]);
    expect(message.match(/^\S+ has .*$/gm)).toEqual(["a.yml has a fault:", "b.yml has 2 faults:"]);
    expect(faults).toHaveLength(3);
  });

  it.each([
    ["two\nlines", "'two\\nlines'"],
    ["x".repeat(200), `'${"x".repeat(96)}...`],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [["a", { b: { c: 1 } }], "[ 'a', { b: [Object] } ]"],
    [null, "null"],
  ])("shows %j on one short line", (value, shown) => {
    const { message } = errorOf("a.yml", [fault.wrongValue("x", value, "another value")]);
    expect(message).toContain(`\n  given:   ${shown}\n`);
  });
});
