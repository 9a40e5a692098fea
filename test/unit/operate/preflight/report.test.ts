import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { problem } from "../../../../operate/preflight/problems.ts";
import { formatFindings, located } from "../../../../operate/preflight/report.ts";

const folder = mkdtempSync(join(tmpdir(), "preflight-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the report of a preflight", () => {
  it("says what was checked, and that the cluster can be deployed", () => {
    const text = formatFindings("prod.yml", { passed: ["zones: a, b", "images: ami-1"], problems: [], notes: [] });
    expect(text).toBe("ok    zones: a, b\nok    images: ami-1\n\nprod.yml can be deployed");
  });

  it("has every problem in the form of a config error, with its line or with what it is about", () => {
    const file = join(folder, "prod.yml");
    writeFileSync(file, "name: registry\nstorage:\n  bucket: images\n");
    const problems = located(file, [problem.bucketHidden("storage.bucket", "images"), problem.secretsMissing(["/a"])]);
    expect(formatFindings(file, { passed: [], problems, notes: ["look"] })).toBe(
      [
        "note  look",
        "",
        `${file} cannot be deployed: 2 problems`,
        "",
        "secrets: missing in SSM: /a",
        "  allowed: every secret that the nodes read",
        "  mend:    npx registry-cluster access init",
        "",
        `${file}:3: storage.bucket: taken, by another account or by a bucket that these credentials may not see`,
        "  given:   'images'",
        "  allowed: a name that no bucket in the whole of AWS has",
        "  mend:    choose another name; include your organisation's name or your account's number",
      ].join("\n"),
    );
  });
});
