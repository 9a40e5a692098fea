import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { ConfigError } from "../../../config/errors.ts";
import { loadConfig } from "../../../config/load.ts";
import { faultsOf, faultsOfText, minimalText } from "./minimal.ts";

const folder = mkdtempSync(join(tmpdir(), "config-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, "cluster.yml");
  writeFileSync(path, text);
  return path;
}

describe("a config file", () => {
  it("is read", () => {
    expect(loadConfig(file(minimalText())).name).toBe("registry");
  });

  it("is named in the error as the user named it", () => {
    const path = file("name: [");
    expect(() => loadConfig(path)).toThrow(`${path} has `);
  });

  it("that does not exist is an error with a way out", () => {
    const path = join(folder, "absent.yml");
    expect(() => loadConfig(path)).toThrow(ConfigError);
    expect(() => loadConfig(path)).toThrow(`${path}: there is no such file`);
  });

  it("that is a folder is an error that names the files in it", () => {
    const path = file(minimalText());
    expect(() => loadConfig(folder)).toThrow(
      `${folder}: a folder, but this command needs one cluster\n  allowed: one file: ${path}\n  mend:    name it: --config ${path}`,
    );
  });
});

describe("YAML", () => {
  it.each([
    ["nothing", ""],
    ["comments only", "# name: registry\n"],
    ["an empty document", "---\n"],
  ])("with %s is an empty config", (_, text) => {
    expect(faultsOfText(text)).toMatchObject([{ path: "", problem: "the file sets nothing" }]);
  });

  it.each(["- name", "name"])("must be a section: %s is not", (text) => {
    const [fault] = faultsOfText(text);
    expect(fault).toMatchObject({ path: "", problem: "must be a section", fix: "write keys, each with a value" });
    expect(fault?.allowed).toContain("the keys name, region, domainName, network");
  });

  it.each([
    ["a list without end", "name: registry\nzones: [a, b\n", 3],
    ["a tab", "name: registry\nnetwork:\n\tcidr: x\n", 3],
    ["a second document", "name: registry\n---\nname: other\n", 2],
    ["an unknown tag", "name: registry\nregion: !secret x\n", 2],
  ])("with %s is an error that names the line", (_, text, line) => {
    const fault = faultsOfText(text).find(({ problem }) => problem.startsWith("not valid YAML: "));
    expect(fault?.line).toBe(line);
  });

  it("with an alias without an anchor is an error", () => {
    expect(faultsOfText("name: *nowhere")[0]?.problem).toBe(
      "not valid YAML: there is no anchor &nowhere before the alias *nowhere",
    );
  });

  it("with a list inside itself is an error that can be printed", () => {
    expect(faultsOfText("network: &loop [*loop]").map(({ path }) => path)).toContain("network");
  });

  it("with a key twice is an error that names both lines", () => {
    const fault = faultsOfText(`${minimalText()}name: other\n`);
    expect(fault).toMatchObject([
      {
        path: "name",
        problem: "already given on line 1",
        fix: "remove one of the two",
        line: lineCount(minimalText()),
      },
    ]);
  });

  it("with a section twice names the section, not the keys in it", () => {
    const twice = `${minimalText()}tls: { validity: 30d }\ntls: { validity: 60d }\n`;
    expect(faultsOfText(twice).map(({ path }) => path)).toEqual(["tls"]);
  });

  it("may use anchors", () => {
    const text = minimalText().replace("ami: ami-0123456789abcdef0", "ami: &ami ami-0123456789abcdef0");
    const withAliases = text.replaceAll("ami: ami-0123456789abcdef0", "ami: *ami");
    expect(loadConfig(file(withAliases)).proxies.ami).toBe("ami-0123456789abcdef0");
  });

  it("may have Windows line ends and a byte order mark", () => {
    expect(loadConfig(file(`\uFEFF${minimalText().replaceAll("\n", "\r\n")}`)).name).toBe("registry");
  });

  it("with a section that holds nothing means its defaults", () => {
    expect(loadConfig(file(`${minimalText()}vrrp:\ntags:\n`))).toEqual(loadConfig(file(minimalText())));
  });

  function lineCount(text: string): number {
    return text.split("\n").length;
  }
});

describe("the line of a fault", () => {
  const text = [
    "name: registry", // 1
    "network:", // 2
    "  zones:", // 3
    "    - eu-west-1a", // 4
    "    - moon-1", // 5
    "  egres: none", // 6
    "bastion: { ami: x }", // 7
  ].join("\n");
  const lineOf = (path: string) => faultsOfText(text).find((fault) => fault.path === path)?.line;

  it("is the line of a list's item", () => expect(lineOf("network.zones[1]")).toBe(5));
  it("is the line of an unknown key", () => expect(lineOf("network.egres")).toBe(6));
  it("is the line of a value in braces", () => expect(lineOf("bastion.ami")).toBe(7));
  it("is the section's when a key is missing in it", () => expect(lineOf("network.cidr")).toBe(2));
  it("is absent when a whole section is missing", () => expect(lineOf("storage")).toBeUndefined());
});

describe("the faults of a file", () => {
  it("are found all at once: of values, of keys and of rules", () => {
    const faults = faultsOf({
      name: "X",
      nam: "registry",
      "network.zones": ["eu-west-1a", "us-east-1a"],
      "access.clientCidrs": ["0.0.0.0/0"],
      "proxies.count": 1,
      "proxies.instanceType": "t4g.micro",
    });

    expect(faults.map(({ path }) => path)).toEqual([
      "name",
      "network.zones[1]",
      "access.clientCidrs[0]",
      "proxies.count",
      "proxies.instanceType",
      "nam",
    ]);
  });

  it("are in the order of the file", () => {
    const lines = faultsOf({ region: "x", "network.cidr": "x", "storage.bucket": "X", name: "X" }).map(
      ({ line }) => line,
    );
    expect(lines).toEqual(lines.toSorted((one, other) => one! - other!));
  });

  it("are named once, however many checks a value fails", () => {
    expect(faultsOf({ "network.zones": "a" }).map(({ path }) => path)).toEqual(["network.zones"]);
  });
});

describe("a key that is no text", () => {
  it("is unknown, and the parser says nothing on standard error", () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    expect(faultsOfText(`${minimalText()}? [a, b]\n: c\n`)).toMatchObject([{ problem: "unknown key" }]);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("merge keys", () => {
  it("take over what another section says, unless it is said again", () => {
    const text = minimalText()
      .replace("bastion:", "bastion: &node")
      .replace(/proxies:\n {2}ami: \S+/, "proxies:\n  <<: *node\n  rootVolumeGiB: 20");
    const { proxies } = loadConfig(file(text));
    expect(proxies).toMatchObject({ ami: "ami-0123456789abcdef0", rootVolumeGiB: 20 });
  });

  it("of what is no section are an error", () => {
    expect(faultsOfText(`${minimalText()}tls:\n  <<: 5\n`)[0]?.problem).toBe(
      "not valid YAML: `<<` merges the keys of a section, but what it names is not a section",
    );
  });
});
