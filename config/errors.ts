import { inspect } from "node:util";
import { withoutLogin, withoutLogins } from "../common/url-logins.ts";

/** One thing that is wrong with a config file. Faults are made by the functions in `faults.ts` only. */
export interface ConfigFault {
  /** `proxies.count`, `network.zones[1]`, ...; empty when the fault is the file's as a whole. */
  readonly path: string;
  /** What is wrong, in the user's terms. */
  readonly problem: string;
  /** What the file says there; undefined when it says nothing, or when it must not be repeated. */
  readonly value?: unknown;
  /** What may stand there instead. */
  readonly allowed: string;
  /** How to mend it. */
  readonly fix: string;
  /** Line of the file, from 1. Undefined when there is no line to name. */
  readonly line?: number;
}

/** A config file with faults. */
export interface FaultyFile {
  /** As the user named it. */
  readonly fileName: string;
  /** In the order of the file. */
  readonly faults: readonly ConfigFault[];
}

/** Config files that cannot be used, with every fault that could be found in them. */
export class ConfigError extends Error {
  constructor(readonly files: readonly FaultyFile[]) {
    super(formatFiles(files));
    this.name = "ConfigError";
  }

  /** Of all files. */
  get faults(): readonly ConfigFault[] {
    return this.files.flatMap(({ faults }) => faults);
  }
}

/** More would not help: a generator has gone wrong, or it is the wrong file. */
const mostShown = 20;

function formatFiles(files: readonly FaultyFile[]): string {
  const left = files.length - mostShown;
  const shown = files.slice(0, mostShown).map(formatFile);
  return [...shown, ...(left > 0 ? [`and ${left} more ${left === 1 ? "file has" : "files have"} faults`] : [])].join(
    "\n\n",
  );
}

function formatFile({ fileName, faults }: FaultyFile): string {
  const left = faults.length - mostShown;
  const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
  return [
    `${fileName} has ${count}${left > 0 ? `; the first ${mostShown}` : ""}:`,
    ...faults.slice(0, mostShown).map((fault) => formatFault(fileName, fault)),
    ...(left > 0 ? [`and ${left} more ${left === 1 ? "fault" : "faults"}`] : []),
  ].join("\n\n");
}

/** @param fileName - or another name for what has the fault */
export function formatFault(fileName: string, { path, problem, value, allowed, fix, line }: ConfigFault): string {
  const place = line === undefined ? fileName : `${fileName}:${line}`;
  return [
    path ? `${place}: ${shortened(path)}: ${problem}` : `${place}: ${problem}`,
    ...(value === undefined ? [] : [`  given:   ${formatValue(value)}`]),
    `  allowed: ${allowed}`,
    `  mend:    ${fix}`,
  ].join("\n");
}

/** Any value, shortened to one line, and without the login that an address may contain. */
function formatValue(value: unknown): string {
  const isAddress = typeof value === "string" && /:\/\/|^[^\s@]*:.*@/.test(value);
  const harmless = isAddress ? withoutLogin(value) : value;
  const text = withoutLogins(inspect(harmless, { depth: 1, breakLength: Number.POSITIVE_INFINITY }));
  return shortened(text);
}

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
