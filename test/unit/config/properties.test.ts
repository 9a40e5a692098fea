import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseBuilds } from "../../../config/builds.ts";
import { ConfigError, type ConfigFault } from "../../../config/errors.ts";
import { parseConfig } from "../../../config/load.ts";
import { minimal } from "./minimal.ts";

const mostMs = 2_000;
const runs = { numRuns: 400 };

const foreign =
  /\b(Invalid|Unrecognized|Expected|received|Too (big|small)|must match|undefined|NaN)\b|\[object|node:|\b\w*Error\b|is not a function|Cannot read|itself has failed/;

const builds = () => ({
  image: "registry.example.internal/{name}",
  pollInterval: "60s",
  concurrency: 2,
  listen: "127.0.0.1:9180",
  repositories: {
    app: {
      url: "https://git.example/team/app.git",
      tags: "v*",
      file: "Dockerfile",
      context: ".",
      platforms: ["linux/amd64"],
      buildArgs: { VERSION: "1" },
      submodules: false,
    },
  },
});

const files = [
  {
    fileName: "cluster.yml",
    parse: parseConfig,
    whole: () => ({ ...minimal(), tags: { Team: "a" }, tls: { extraNames: ["a.example"] } }),
  },
  { fileName: "builds.yml", parse: parseBuilds, whole: builds },
];

/** Values that no setting has, and some that many have. */
const oddValue = fc.oneof(
  fc.anything({
    maxDepth: 2,
    withDate: false,
    withMap: false,
    withSet: false,
    withTypedArray: false,
    withBigInt: false,
  }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom(
    "",
    " ",
    "\0",
    "\u202e",
    "a\nb",
    "..",
    "/",
    "-",
    "::",
    "%zz",
    "https://%zz@h/x",
    "https://[",
    "1e999",
    "0x10",
    "null",
    "~",
  ),
  fc.constantFrom(
    "${x}",
    "%{x}",
    "{{ x }}",
    "$(x)",
    "`x`",
    "-----BEGIN PRIVATE KEY-----",
    "999.1.1.1/33",
    "10.0.0.0/-1",
  ),
  fc.constantFrom("x".repeat(5_000), ".".repeat(5_000), "a-".repeat(5_000), "1".repeat(400), "_".repeat(2_000)),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -0, 1.5, -1, 1e300),
);

const oddKey = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom("__proto__", "constructor", "toString", "<<", "a.b", "a[0]", '"', "", "hasOwnProperty"),
);

/** The paths of every value of a file, as keys. */
function pathsIn(value: unknown, path: readonly string[] = []): string[][] {
  const below =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))
      : [];
  return path.length === 0 ? below : [[...path], ...below];
}

function withValue(whole: object, path: readonly string[], value: unknown): object {
  const [key, ...rest] = path as [string, ...string[]];
  const copy = (Array.isArray(whole) ? [...whole] : { ...whole }) as Record<string, unknown>;
  const next = rest.length === 0 ? value : withValue(copy[key] as object, rest, value);
  Object.defineProperty(copy, key, { value: next, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** What is said of a text: nothing, when it is right. Fails when it takes long, or when anything but a ConfigError is thrown. */
function faultsOf({ parse, fileName }: (typeof files)[number], text: string): readonly ConfigFault[] {
  const start = process.cpuUsage();
  try {
    parse(text, fileName);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).toMatch(new RegExp(`^${fileName.replace(".", "\\.")} has (a fault|\\d+ faults)`));
    return error.faults;
  } finally {
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(mostMs);
  }
}

function expectOurWords(faults: readonly ConfigFault[]): void {
  for (const { problem, allowed, fix } of faults) {
    expect(`${problem}\n${allowed}\n${fix}`).not.toMatch(foreign);
    for (const part of [problem, allowed, fix]) expect(part.trim()).not.toBe("");
  }
}

describe.each(files)("$fileName", (file) => {
  it("with any value in the place of any other is taken or refused, with the place, the value and the mend", () => {
    const paths = pathsIn(file.whole());
    fc.assert(
      fc.property(fc.constantFrom(...paths), oddValue, (path, value) => {
        let text: string;
        try {
          text = stringify(withValue(file.whole(), path, value), { aliasDuplicateObjects: false, lineWidth: 0 });
        } catch {
          return; // what YAML cannot say
        }
        const faults = faultsOf(file, text);
        expectOurWords(faults);
        const [top] = path as [string];
        // What is missing may be told where it is needed: a repository without an image has a fault when there is none for all.
        const isMissing = value === null || value === undefined;
        const about = faults.filter(
          (fault) =>
            fault.path === "" || fault.path.startsWith(top) || (isMissing && fault.path.endsWith(`.${path.at(-1)}`)),
        );
        if (faults.length > 0) expect(about).not.toEqual([]);
        for (const fault of faults) {
          const saysValue =
            fault.value !== undefined ||
            /missing|unknown key|private key|not valid YAML|credentials|looks like a secret|^is|^a folder/.test(
              fault.problem,
            );
          expect({ fault, saysValue }).toMatchObject({ saysValue: true });
        }
      }),
      runs,
    );
  });

  it("with any further key in any section is refused, with the key", () => {
    const sections = [
      "",
      ...Object.entries(file.whole()).flatMap(([key, value]) =>
        typeof value === "object" && !Array.isArray(value) ? [key] : [],
      ),
    ];
    const known = new Set(pathsIn(file.whole()).map((path) => path.at(-1)));
    fc.assert(
      fc.property(fc.constantFrom(...sections), oddKey, oddValue, (section, key, value) => {
        if (known.has(key)) return;
        let text: string;
        try {
          text = stringify(withValue(file.whole(), section === "" ? [key] : [section, key], value), { lineWidth: 0 });
        } catch {
          return;
        }
        expectOurWords(faultsOf(file, text));
        // YAML leaves a value out that is undefined.
        if (key === "__proto__" && value !== undefined) expect(faultsOf(file, text)).not.toEqual([]);
      }),
      runs,
    );
  });

  it("of any text whatever is taken or refused in our words", () => {
    const line = fc.oneof(
      fc.string({ unit: "binary", maxLength: 80 }),
      fc.constantFrom(
        "name: x",
        "- a",
        "  - b",
        "\tc: d",
        "a: b: c",
        "x: [",
        "}",
        "&a",
        "*a",
        "<<: *a",
        "!!binary x",
        "--- !tag",
        "%YAML 9",
        "? [a]: b",
        "? k",
        "k: |",
        "k: >9",
        "'",
        '"\\q',
        "@x",
        "`",
        "a: !<x",
        "x: {a: &b *b}",
        "...",
        "# c",
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), (lines, below) => {
        const text = `${below ? stringify(file.whole()) : ""}${lines.join("\n")}\n`;
        expectOurWords(faultsOf(file, text));
      }),
      runs,
    );
  });
});
