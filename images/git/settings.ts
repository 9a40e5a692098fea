import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../common/program.ts";

/** What leads to a server, and into it. All else could change the files of a commit, or what git says. */
const kept =
  /^(credential|https?|url|ssh|protocol|lfs\.https?:\/\/)\.|^lfs\.(https?:\/\/|transfer\.|concurrenttransfers|dialtimeout|activitytimeout|tlstimeout)|^core\.(gitproxy|sshcommand)$/;

/** Of the user's own settings of git, and of the machine's. */
export interface GitSettings {
  /** A file with those that are kept, in the place of both. */
  readonly file: string;
  /** How the user has git call ssh. */
  readonly sshCommand?: string;
}

/**
 * Takes the user's logins, proxies and authorities over, and none of his taste.
 *
 * @param own a folder that nobody else can read, for headers may hold logins
 */
export async function keptSettings(own: string, env: NodeJS.ProcessEnv): Promise<GitSettings> {
  const options = { cwd: own, env, extendEnv: false, reject: false } as const;
  const all = await run("git", ["config", "--list", "--includes", "--null"], options, { totalMs: 30_000 });
  const settings = all.split("\0").filter((entry) => kept.test(entry));
  const file = join(own, "gitconfig");
  writeFileSync(file, settings.map(written).join(""), { mode: 0o600 });
  const sshCommand = settings
    .findLast((entry) => entry.startsWith("core.sshcommand\n"))
    ?.slice("core.sshcommand\n".length);
  return { file, sshCommand };
}

/** A setting as a file has it. What was set without a value is true. */
function written(setting: string): string {
  const [, section, subsection, name, value] = /^([^.\n]+)(?:\.([^\n]*))?\.([^.\n]+)(?:\n(.*))?$/s.exec(setting) ?? [];
  if (section === undefined) return "";
  const heading = subsection === undefined ? section : `${section} ${quoted(subsection)}`;
  return `[${heading}]\n\t${name}${value === undefined ? "" : ` = ${quoted(value)}`}\n`;
}

const quoted = (text: string) =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
