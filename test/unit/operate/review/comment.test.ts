import { describe, expect, it } from "vitest";
import { markerOf } from "../../../../operate/review/comment.ts";
import { commentOf, ofStack, planWith, recording } from "./support.ts";

const linesOf = (comment: string) => comment.split("\n");
const headlines = (comment: string) => linesOf(comment).filter((line) => line.startsWith("### "));
const warnings = (comment: string) => linesOf(comment).filter((line) => line.includes("⚠️"));

describe("the comment on a diff", () => {
  it("begins with a hidden marker, which another title does not have", () => {
    const comment = commentOf(recording("no-changes"), { title: "Plan of dev" });
    expect(linesOf(comment)[0]).toBe(markerOf("Plan of dev"));
    expect(markerOf("Plan of dev")).toMatch(/^<!-- .* -->$/);
    expect(markerOf("Plan of dev")).not.toBe(markerOf("Plan of prod"));
  });

  it("has a marker that no title can end early", () => {
    expect(markerOf("--> <b>")).toBe("<!-- registry-cluster diff: --%3E%20%3Cb%3E -->");
  });

  it("says in one line what Terraform counts", () => {
    expect(headlines(commentOf(recording("setting")))).toEqual(["### `registry`: 1 to add, 1 to change, 1 to destroy"]);
  });

  it("says that there are no changes, and shows no plan", () => {
    const comment = commentOf(recording("no-changes"));
    expect(headlines(comment)).toEqual(["### `registry`: no changes"]);
    expect(comment).not.toContain("<details>");
  });

  it("names the commit and links the job's log", () => {
    const comment = commentOf(recording("no-changes"), { commit: "0123456789abcdef", logUrl: "https://ci.example/1" });
    expect(comment).toContain("Made from `0123456789ab`. [The full output](https://ci.example/1) is in the job's log.");
  });

  it("has no terminal codes", () => {
    expect(commentOf(recording("instances-replaced"))).not.toContain("\u001b");
  });

  it("leaves out the reading of the state", () => {
    expect(recording("setting")).toContain("Refreshing state...");
    expect(commentOf(recording("setting"))).not.toContain("Refreshing state...");
  });
});

describe("a warning", () => {
  it("names what is destroyed", () => {
    expect(warnings(commentOf(recording("proxy-removed")))).toEqual(["> ⚠️ **Destroys 1:** `aws_instance.proxy-3`"]);
  });

  it("names what is replaced, machines before the rest", () => {
    const [warning, ...others] = warnings(commentOf(recording("instances-replaced")));
    expect(warning).toMatch(/^> ⚠️ \*\*Replaces 6:\*\* (`aws_instance\.[\w-]+`, ){5}`aws_eip_association\.\S+`$/);
    expect(others).toEqual([]);
  });

  it("names buckets also where Terraform refuses to replace them", () => {
    expect(warnings(commentOf(recording("bucket-renamed"), { failed: true }))).toEqual([
      "> ⚠️ **Replaces 2:** `aws_s3_bucket.provisioning_bucket`, `aws_s3_bucket.registry_bucket`",
    ]);
  });

  it("is not given for the bundle, which every change of a file replaces", () => {
    expect(warnings(commentOf(recording("setting")))).toEqual([]);
  });

  it("says so when the resources found do not add up to Terraform's count", () => {
    const incomplete = recording("proxy-removed").replace(/# aws_instance\.proxy-3/, "# illegible");
    expect(warnings(commentOf(incomplete.replace("illegible", "")))).toContain(
      "⚠️ **The resources named here do not add up to Terraform's own count: read the plan itself.**",
    );
  });

  it("is not given for text of a file that looks like Terraform's words", () => {
    const comment = commentOf(planWith("# aws_instance.proxy-1 will be destroyed", "  # aws_eip.x must be replaced"));
    expect(warnings(comment)).toEqual([]);
  });
});

describe("a diff that failed", () => {
  it("has Terraform's error as its text", () => {
    const comment = commentOf(recording("no-credentials"), { failed: true });
    expect(headlines(comment)).toEqual(["### ❌ `registry`: the diff failed"]);
    expect(comment).toContain("│ Error: No valid credential sources found");
  });

  it("has the config's faults as its text when there was nothing to plan", () => {
    const comment = commentOf(recording("wrong-config"), { failed: true });
    expect(headlines(comment)).toEqual(["### ❌ the diff failed"]);
    expect(comment).toContain("cluster.yml:14: region: not allowed");
  });

  it("is told from one that found no changes, though nobody said that it failed", () => {
    const cut = recording("no-changes").replace("No changes.", "");
    expect(headlines(commentOf(cut))).toEqual(["### ❌ `registry`: the diff failed"]);
    expect(headlines(commentOf(""))).toEqual(["### ❌ the diff failed"]);
  });

  it("is said to have failed when the command did, though every stack looks well", () => {
    expect(headlines(commentOf(recording("no-changes"), { failed: true }))).toEqual([
      "### `registry`: no changes",
      "### ❌ the diff failed",
    ]);
  });
});

describe("a comment on several stacks", () => {
  const two = ofStack("dev", recording("no-changes")) + ofStack("prod", recording("instances-replaced"));

  it("has a headline for each, in the order of the diffs", () => {
    expect(headlines(commentOf(two))).toEqual([
      "### `dev`: no changes",
      "### `prod`: 6 to add, 2 to change, 6 to destroy",
    ]);
  });

  it("shows what the one found when the other failed", () => {
    const mixed = ofStack("dev", recording("no-credentials")) + ofStack("prod", recording("setting"));
    expect(headlines(commentOf(mixed, { failed: true }))).toEqual([
      "### ❌ `dev`: the diff failed",
      "### `prod`: 1 to add, 1 to change, 1 to destroy",
    ]);
  });
});

describe("a long diff", () => {
  const logUrl = "https://ci.example/1";

  it("is cut at the end of a line, below what GitHub takes, and links the log", () => {
    const comment = commentOf(recording("create"), { logUrl });
    expect(comment.length).toBeLessThan(65_536);
    expect(comment).toContain(`**Plan cut here: too long for a comment.** [The full output](${logUrl})`);
    const [, shown] = /```diff\n(.*)\n```\n\n<\/details>\n\n\*\*Plan cut/s.exec(comment) ?? [];
    const whole = commentOf(recording("create"), { maxLength: 1_000_000 });
    expect(whole).toContain(`\n${shown}\n`);
  });

  it("uses most of the room there is", () => {
    expect(commentOf(recording("create"), { maxLength: 10_000 }).length).toBeGreaterThan(9_500);
  });

  it.each([300, 500, 1_000, 5_000, 30_000])("is never longer than asked for: %d", (maxLength) => {
    const output = planWith(...recording("create").slice(0, 40_000).split("\n"), "`".repeat(90));
    expect(commentOf(output, { maxLength }).length).toBeLessThanOrEqual(maxLength);
  });

  it("leaves room for every stack", () => {
    const output = ofStack("dev", recording("create")) + ofStack("prod", recording("create"));
    const comment = commentOf(output, { logUrl });
    expect(comment.length).toBeLessThan(65_536);
    expect(headlines(comment)).toHaveLength(2);
    expect(comment.match(/^```diff$/gm)).toHaveLength(2);
  });

  it("gives what short diffs leave to the long ones", () => {
    const output = ofStack("dev", recording("setting")) + ofStack("prod", recording("proxy-removed"));
    expect(commentOf(output)).not.toContain("cut here");
  });
});

describe("text of the plan", () => {
  it("cannot close the fence around it", () => {
    const comment = commentOf(planWith("```", "````", "</details>", "**not bold**"));
    expect(comment).toMatch(/^`````diff$/m);
    expect(comment.match(/^`````$/gm)).toHaveLength(1);
  });

  it("cannot be Markdown in a title", () => {
    expect(commentOf("", { title: "<b>@everyone</b> [x](y)" })).toContain(
      "## &#60;b&#62;&#64;everyone&#60;/b&#62; &#91;x&#93;(y)",
    );
  });

  it("is shown with secrets replaced, and the reader is told", () => {
    const secret = `AKIA${"ABCDEFGH".repeat(2)}`;
    const comment = commentOf(planWith(`access_key: ${secret}`));
    expect(comment).not.toContain(secret);
    expect(comment).toContain("access_key: [redacted]");
    expect(comment).toContain("**Something in this diff looks like a secret");
  });

  it("has nothing redacted in any recorded diff", () => {
    for (const name of ["create", "setting", "instances-replaced"] as const) {
      expect(commentOf(recording(name), { maxLength: 1_000_000 })).not.toContain("[redacted]");
    }
  });

  it("has Terraform's own words for sensitive values", () => {
    expect(commentOf(planWith("password = (sensitive value)"))).toContain("password = (sensitive value)");
  });
});
