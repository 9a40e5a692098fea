import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { parseCdktfOutput } from "../../../../operate/review/cdktf-output.ts";
import { ofStack, recording } from "./support.ts";

const linesOf = (output: string) =>
  parseCdktfOutput(output).stacks.flatMap(({ lines }) => lines.map((line) => stripVTControlCharacters(line)));

describe("the output of cdktf", () => {
  it("is told apart by stack", () => {
    const output = ofStack("dev", recording("no-changes")) + ofStack("prod-eu", recording("setting"));
    expect(parseCdktfOutput(output).stacks.map(({ name }) => name)).toEqual(["dev", "prod-eu"]);
  });

  it("has Terraform's lines without the stack's name and its indent", () => {
    const lines = linesOf(recording("setting"));
    expect(lines).toContain("Terraform will perform the following actions:");
    expect(lines).toContain("Plan: 1 to add, 1 to change, 1 to destroy.");
    expect(lines.filter((line) => line.startsWith("registry"))).toEqual([]);
  });

  it("has the name in colours where the job's log has them", () => {
    const coloured = recording("no-changes").replaceAll(
      /^registry /gm,
      "\u001b[1m\u001b[35mregistry\u001b[39m\u001b[22m ",
    );
    expect(linesOf(coloured)).toEqual(linesOf(recording("no-changes")));
  });

  it("is made whole where cdktf cut a line in two", () => {
    expect(recording("create")).toMatch(/pid \/run\/ngin\nregistry {2}x\.pid;/);
    expect(linesOf(recording("create")).filter((line) => line.includes("pid /run/nginx.pid;"))).not.toEqual([]);
    expect(linesOf(recording("create")).filter((line) => line.startsWith("x.pid;"))).toEqual([]);
  });

  it.each(["  # aws_instance.proxy-3", "  # aws_instance.pro", "  # aws_instance.proxy-3\u001b[0m will be destr"])(
    "is made whole where a line that counts is cut: %j",
    (cutAfter) => {
      const whole = recording("proxy-removed");
      const cut = whole.indexOf(cutAfter) + cutAfter.length;
      const pieces = `${whole.slice(0, cut)}\nregistry  ${whole.slice(cut).trimStart()}`;
      expect(linesOf(pieces).join("\n")).toMatch(/^ {2}# aws_instance\.proxy-3 ?will be destroyed$/m);
    },
  );

  it("is not joined to what came before a plan, or comes after it", () => {
    const twice = recording("setting") + recording("setting");
    expect(linesOf(twice).filter((line) => line === "Initializing the backend...")).toHaveLength(2);
  });

  it("leaves out the picture of a spinner", () => {
    const { rest } = parseCdktfOutput(recording("wrong-config"));
    expect(recording("wrong-config")).toContain("⠙  Synthesizing");
    expect(rest.join("\n")).not.toContain("Synthesizing");
  });
});
