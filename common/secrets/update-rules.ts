/**
 * Writes gitleaks' rules into common/secrets/rules.json: npx tsx common/secrets/update-rules.ts [VERSION]. Needs Go, which fetches
 * gitleaks from its module proxy and verifies the checksum.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { run } from "../program.ts";
import type { RuleFile } from "./rules.ts";

/** Rules for one kind of file, and generic rules for named keys: ours are narrower and need no list of exceptions. */
const leftOut = new Set(["generic-api-key", "curl-auth-user", "kubernetes-secret-yaml", "private-key"]);

interface Gitleaks {
  readonly rules: readonly {
    readonly id: string;
    readonly regex?: string;
    readonly path?: string;
    readonly keywords?: readonly string[];
    readonly secretGroup?: number;
  }[];
}

const module = `github.com/zricethezav/gitleaks/v8@${process.argv[2] ?? "latest"}`;
const { Dir: folder, Version: version } = JSON.parse(await run("go", ["mod", "download", "-json", module])) as {
  readonly Dir: string;
  readonly Version: string;
};
const { rules } = parse(readFileSync(join(folder, "config", "gitleaks.toml"), "utf8")) as unknown as Gitleaks;
const file: RuleFile = {
  from: `gitleaks ${version}, Copyright (c) 2019 Zachary Rice, MIT License`,
  rules: rules
    .filter(({ id, regex, path }) => regex && !path && !leftOut.has(id))
    .map(({ id, regex = "", keywords = [], secretGroup }) => ({ id, regex, keywords, group: secretGroup })),
};
writeFileSync(new URL("rules.json", import.meta.url), `${JSON.stringify(file, undefined, 1)}\n`);
