import { describe, expect, it } from "vitest";
import { OperatorError } from "../../../common/errors.ts";

describe("a lab error", () => {
  it("says what went wrong, why, how to mend it and where the log is, one a line", () => {
    const error = new OperatorError("proxy-1 did not converge", {
      cause: "its states failed",
      fix: "npm start",
      log: ".lab/registry/logs/proxy-1.log",
    });
    expect(error.describe()).toBe(
      [
        "proxy-1 did not converge",
        "  why:  its states failed",
        "  mend: npm start",
        "  log:  .lab/registry/logs/proxy-1.log",
      ].join("\n"),
    );
  });

  it("has no empty lines for what is not known", () => {
    expect(new OperatorError("no Docker engine answers", { fix: "start Docker" }).describe()).toBe(
      "no Docker engine answers\n  mend: start Docker",
    );
  });
});
