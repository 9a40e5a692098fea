import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../../cli/program.ts";
import { codeOf, doc, docs } from "./support.ts";

const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

describe("the README", () => {
  it("is a front page: at most 150 lines", () => {
    expect(doc("README.md").text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("says on its first screen that CDK for Terraform is archived", () => {
    expect(doc("README.md").text.split("\n").slice(0, 12).join(" ")).toMatch(/CDK for Terraform is archived/);
  });

  it("links to every page of docs/", () => {
    const pages = docs.map(({ path }) => path).filter((path) => /^docs\/[^/]+$/.test(path));
    expect(pages.filter((path) => !relativeLinks("README.md").includes(path))).toEqual([]);
  });
});

describe("a document", () => {
  it.each(having(commandLines))("names commands of registry-cluster that exist, with their options: %s", (path) => {
    const faults = commandLines(path).map((words) => faultOf(createProgram(), words));
    expect(faults.filter(Boolean)).toEqual([]);
  });

  it.each(having(npmScripts))("names npm scripts that exist: %s", (path) => {
    const known = ["ci", "install", ...Object.keys(scripts)];
    expect(npmScripts(path).filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(having(relativeLinks))("links to files and headings that exist: %s", (path) => {
    expect(relativeLinks(path).filter((link) => !leadsSomewhere(path, link))).toEqual([]);
  });
});

/** The documents in which there is something to check. */
function having(parts: (path: string) => readonly unknown[]): string[] {
  return docs.map(({ path }) => path).filter((path) => parts(path).length > 0);
}

/** The words after `registry-cluster` of every command line in a document. */
function commandLines(path: string): string[][] {
  return codeOf(doc(path)).flatMap((code) =>
    [...code.matchAll(/(?:^|npx )registry-cluster ([^#|>&;)]+)/g)].map((match) =>
      (match[1] as string).trim().split(/\s+/),
    ),
  );
}

function npmScripts(path: string): string[] {
  return codeOf(doc(path)).flatMap((code) =>
    [...code.matchAll(/\bnpm (?:run )?([a-z][a-z:-]*)/g)].map((match) => match[1] as string),
  );
}

function relativeLinks(path: string): string[] {
  const links = [...doc(path).text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
  return links.filter((link) => !/^https?:/.test(link));
}

/** @returns what commander would refuse, or undefined. */
function faultOf(program: Command, words: readonly string[]): string | undefined {
  const line = words.join(" ");
  let command = program;
  let options = [...program.options];
  let given = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const inner = command.commands.find((candidate) => candidate.name() === word);
    if (word.startsWith("-")) {
      const option = options.find(({ short, long }) => word === short || word === long);
      if (!option) return `${line}: no option ${word}`;
      if (option.required) i++;
    } else if (inner) {
      command = inner;
      options = [...options, ...inner.options];
    } else if (command.commands.length > 0) {
      return `${line}: no command ${word}`;
    } else given++;
    // What follows the first argument of a shell is the node's business.
    if (given > 0 && command.registeredArguments.at(-1)?.variadic) return undefined;
  }
  if (command.commands.length > 0) return `${line}: which of its commands?`;
  const { registeredArguments: known } = command;
  if (given < known.filter((argument) => argument.required).length) return `${line}: an argument is missing`;
  return given > known.length ? `${line}: too many arguments` : undefined;
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file, heading] = link.split("#") as [string, string | undefined];
  const target = file === "" ? from : join(dirname(from), file);
  if (!existsSync(target)) return false;
  return heading === undefined || headingsOf(readFileSync(target, "utf8")).includes(heading);
}

/** As GitHub names them in links. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
