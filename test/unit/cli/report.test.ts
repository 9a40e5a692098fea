import { describe, expect, it } from "vitest";
import { reportOf } from "../../../cli/report.ts";
import { OperatorError } from "../../../common/errors.ts";
import { ConfigError } from "../../../config/errors.ts";

const unforeseen =
  "  mend: mend what is named above; if that does not help, report it with the command line and this output";

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
    const error = new Error("cannot read /demo: AWS asks to slow down (Throttling: wait)", {
      cause: new Error("wait"),
    });
    expect(reportOf(error)).toEqual({ text: `${error.message}\n${unforeseen}`, exitCode: 1 });
  });

  it("says the cause in one line, and never a stack", () => {
    const error = new Error("no Go on PATH", { cause: new Error("pip failed\nwith a long output") });
    expect(reportOf(error)).toEqual({ text: `no Go on PATH\n  why:  pip failed\n${unforeseen}`, exitCode: 1 });
  });

  it.each<[string, object, string]>([
    [
      "a port where nobody is",
      { code: "ECONNREFUSED", address: "127.0.0.1", port: 9 },
      "127.0.0.1:9: nothing listens there",
    ],
    [
      "a name that nobody has",
      { code: "ENOTFOUND", hostname: "nowhere.invalid" },
      "nowhere.invalid: the host name is unknown",
    ],
    ["a missing file", { code: "ENOENT", syscall: "open", path: "/x" }, "/x: there is no such file or folder"],
    ["a full disk", { code: "ENOSPC", syscall: "write" }, "the disk is full"],
    ["links in a circle", { code: "ELOOP", syscall: "stat", path: "/x" }, "/x: its symbolic links lead in a circle"],
    ["a missing program", { code: "ENOENT", syscall: "spawn git", path: "git" }, "there is no program 'git' on PATH"],
    [
      "no temporary folder",
      { code: "ENOENT", syscall: "mkdtemp", path: "/t/x" },
      "no temporary folder can be made in ",
    ],
    ["a folder that is gone", { code: "ENOENT", syscall: "uv_cwd" }, "the current folder is gone"],
    [
      "a certificate of a stranger",
      { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      "the certificate of the server is not trusted",
    ],
    ["what is no URL", { code: "ERR_INVALID_URL", input: "user:secret" }, "something that must be a URL is not one"],
  ])("says in our words what the system means, and the mend: %s", (_what, properties, words) => {
    const { text, exitCode } = reportOf(Object.assign(new Error("foreign words"), properties));
    expect(text.startsWith(words)).toBe(true);
    expect(text).toMatch(/\n {2}mend: \S/);
    expect(text).not.toMatch(/foreign words\n|secret/);
    expect(exitCode).toBe(1);
  });

  it("says so when the fault is its own, and asks to report it", () => {
    expect(reportOf(new TypeError("x is not a function")).text).toBe(
      "registry-cluster itself has failed\n  why:  x is not a function\n  mend: report it with the command line and this output",
    );
  });

  it("says a foreign cause in our words too", () => {
    const cause = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", path: "/x" });
    expect(reportOf(new Error("cannot make the archive", { cause })).text).toBe(
      "cannot make the archive\n  why:  /x: the disk is full\n  mend: free some space; TMPDIR names the folder for temporary files",
    );
  });

  it("says what was thrown that is no error", () => {
    expect(reportOf("just text")).toEqual({ text: `just text\n${unforeseen}`, exitCode: 1 });
  });
});
