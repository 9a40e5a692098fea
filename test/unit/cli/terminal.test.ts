import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createProgram } from "../../../cli/program.ts";
import { reportFailure } from "../../../cli/run.ts";
import { checkout } from "../../../common/checkout.ts";
import { temporaryFolder } from "../lab/support.ts";
import { configText } from "./support.ts";

/** Runs a command line in this process, to what it prints. */
async function printed(args: readonly string[]): Promise<{ text: string; exitCode: unknown }> {
  const texts: unknown[] = [];
  const take = (text: unknown) => texts.push(text) > 0;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, "write").mockImplementation(take);
  for (const method of ["log", "error"] as const) vi.spyOn(console, method).mockImplementation(take);
  await reportFailure(() => createProgram().parseAsync(args, { from: "user" }));
  const { exitCode } = process;
  process.exitCode = undefined;
  vi.restoreAllMocks();
  return { text: texts.join("\n"), exitCode };
}

const odd = "\u001b[31mx\u202e\u0007\r\u001b]8;;http://evil.example\u0007";
const shown = "\\x1b[31mx\\u202e\\x07\\r";
const unseen = /[^\P{Cc}\t\n]|\p{Cf}/u;

describe("whatever a command line prints", () => {
  it.each([
    ["the name of a config", ["--config", `${odd}.yml`, "config", "check"]],
    ["an option that is unknown", [`--${odd}`]],
    ["a command that is unknown", [odd]],
    ["a repository", ["image", "build", `https://h/${odd}`, "--ref", "v1"]],
    ["a ref", ["image", "build", ".", "--ref", odd]],
    ["a place to push to", ["image", "build", ".", "--ref", "v1", "--push", `h.example/${odd}`]],
    ["the place of a watch", ["image", "status", "--url", odd]],
    ["a file of builds", ["image", "watch", "--config", `${odd}.yml`]],
  ])("shows no terminal what it would obey: %s", async (_what, args) => {
    const { text, exitCode } = await printed(args);
    expect(exitCode).toBeGreaterThan(0);
    expect(text).toContain(shown.slice(0, 12));
    expect(text).not.toMatch(unseen);
  });

  it("shows a value of a config so too", async () => {
    const file = join(temporaryFolder(), "other.yml");
    writeFileSync(file, configText(checkout, [/^region: .*$/m, 'region: "eu\u202e-west\\e[31m"']));
    const { text } = await printed(["--config", file, "config", "check"]);
    expect(text).toContain("\\u202e");
    expect(text).not.toMatch(unseen);
  });

  it.each([
    ["a repository", ["image", "build", "https://user:s3cret/pw@h/x", "--ref", "v1"]],
    ["one by ssh", ["image", "build", "user:s3cretpw@h:x", "--ref", "v1"]],
    ["a place to push to", ["image", "build", ".", "--ref", "v1", "--push", "https://user:s3cret@h.example/app"]],
    ["the place of a watch", ["image", "status", "--url", "http://user:s3cret@127.0.0.1:9/?private_token=s3cret"]],
    ["an option that is unknown", ["--url=https://user:s3cret@h/x"]],
    ["a command that is unknown", ["https://user:s3cret@h/x"]],
  ])("shows no login of an address: %s", async (_what, args) => {
    const { text, exitCode } = await printed(args);
    expect(exitCode).toBeGreaterThan(0);
    expect(text).not.toBe("");
    expect(text).not.toContain("s3cret");
  });

  it.each([
    ["in ways that are refused", ["https://u:s3cret/pw@h/x", "u:s3cret@h:x", "https://h/x?token=s3cret"]],
    ["with blanks", ["https://u:s3 cret@h/x", " https://u:s3cret@h/x"]],
  ])("shows no login that a file of builds holds in the wrong place, %s", async (_how, urls) => {
    const file = join(temporaryFolder(), "builds.yml");

    const repositories = urls.map(
      (url, i) => `  app${i}: {url: "${url}", tags: "v*", image: "u:s3cret@h.example/app"}`,
    );
    writeFileSync(file, ["repositories:", ...repositories].join("\n"));
    const { text, exitCode } = await printed(["image", "watch", "--config", file]);
    expect(exitCode).toBe(2);
    for (const i of urls.keys()) expect(text).toContain(`repositories.app${i}.url`);
    expect(text).not.toMatch(/s3 ?cret|pw@/);
  });
});
