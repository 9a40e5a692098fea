import { describe, expect, it } from "vitest";
import { AccessError } from "../../../access/errors.ts";
import { reportOf } from "../../../cli/report.ts";
import { ConfigError } from "../../../config/errors.ts";
import { OperatorError } from "../../../operator/errors.ts";

describe("the report of an error", () => {
  it("of the config ends with 2", () => {
    const faults = [{ path: "region", problem: "is unknown", allowed: "a region", fix: "name one" }];
    const error = new ConfigError([{ fileName: "cluster.yml", faults }]);
    expect(reportOf(error)).toEqual({ text: error.message, exitCode: 2 });
  });

  it("of the lab says how to mend it, and ends with 1", () => {
    const error = new OperatorError("no Docker engine answers", { fix: "start Docker" });
    expect(reportOf(error)).toEqual({ text: "no Docker engine answers\n  mend: start Docker", exitCode: 1 });
  });

  it("says no cause twice", () => {
    const error = new AccessError("cannot read /demo: AWS asks to slow down (Throttling: wait)", {
      cause: new Error("wait"),
    });
    expect(reportOf(error)).toEqual({ text: error.message, exitCode: 1 });
  });

  it("says the cause in one line, and never a stack", () => {
    const error = new Error("no Go on PATH", { cause: new Error("pip failed\nwith a long output") });
    expect(reportOf(error)).toEqual({ text: "no Go on PATH\n  why:  pip failed", exitCode: 1 });
  });

  it("says the code of an error that has no message", () => {
    const error = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
    expect(reportOf(error).text).toBe("ECONNREFUSED");
  });

  it("says what was thrown that is no error", () => {
    expect(reportOf("just text")).toEqual({ text: "just text", exitCode: 1 });
  });
});
