import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../common/program.ts";

/** Settings that lead to a server and log in there. Any other could change the files of a commit, or git's output. */
const kept =
  /^(credential|https?|url|ssh|protocol|lfs\.https?:\/\/)\.|^lfs\.(https?:\/\/|transfer\.|concurrenttransfers|dialtimeout|activitytimeout|tlstimeout)|^core\.(gitproxy|sshcommand)$/;

/** What is kept of the git settings of the user and of the machine. */
export interface GitSettings {
  /** A file with the settings that are kept, which replaces both. */
  readonly file: string;
  /** The user's ssh command for git. */
  readonly sshCommand?: string;
}

/**
 * Keeps the user's logins, proxies and authorities, and drops all preferences.
 *
 * @param own a folder that nobody else can read, because headers may hold logins
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

/** A setting in the format of a config file. Without a value it means true. */
function written(setting: string): string {
  const [, section, subsection, name, value] = /^([^.\n]+)(?:\.([^\n]*))?\.([^.\n]+)(?:\n(.*))?$/s.exec(setting) ?? [];
  if (section === undefined) return "";
  const heading = subsection === undefined ? section : `${section} ${quoted(subsection)}`;
  return `[${heading}]\n\t${name}${value === undefined ? "" : ` = ${quoted(value)}`}\n`;
}

const quoted = (text: string) =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`;
