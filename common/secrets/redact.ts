import { type Span, tokensIn } from "./rules.ts";

/** Stands where a secret was. */
export const redacted = "[redacted]";

/** How names end that say that a secret follows. */
const name =
  "(?<!no)(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|private|secret|encryption|signing)[_-]?key)";

const quoted = `"(?:[^"\\\\\n]|\\\\.)*"|'[^'\n]*'`;
/** Words alone are a sentence's, but at the end of a line. */
const bare = `[^\\s"'|>,;&(]*[^\\sA-Za-z"'|>,;&(][^\\s"',;&(]*(?!\\()|[A-Za-z]+(?![\\w(.-]|[ \\t]+[A-Za-z(])`;
const block = `[|>][-+]?[ \\t]*\n[^\n]*`;
const one = `${quoted}|${block}|${bare}`;
/** In a diff two of them may stand there, with an arrow in between. */
const value = `((?:${one})(?:[ \\t]*->[ \\t]*(?:${one}))?)`;

/** What stands in the place of a secret, or only says where it is: nothing, a placeholder, a reference, a path, a word of choice. */
const harmless =
  /^["']?(?:|\[redacted\]|null|none|true|false|required|optional|enabled|disabled|\*+|\.+|<.*>|\$[\w({].*|%.*%|\{\{.*|arn:aws.*|\.{0,2}\/[\w./-]*|[a-z_]+[)}\]]+|[a-z]+(?:[:._][a-z][\w-]*)+(?:\[.*\])?)["']?$/i;

const hide = (_whole: string, before: string, given: string) =>
  before +
  given.replace(new RegExp(`->|${one}|\\S+`, "g"), (each) =>
    each === "->" || harmless.test(each) ? each : hidden(each),
  );

/** Quotes stay, for a value in them is read as one. */
const hidden = (given: string) => (/^["']/.test(given) ? `${given[0]}${redacted}${given[0]}` : redacted);

/**
 * What must never be in a comment, whatever put it into the plan. The plan of this project holds no secret: this is the
 * second lock, for a secret that somebody wrote into a config or a template. What a service's tokens look like is gitleaks' to say.
 */
const patterns: ReadonlyArray<readonly [pattern: RegExp, replacement: string | typeof hide]> = [
  // a key without an end is taken to be the whole rest
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|$)/gs, redacted],
  // access keys, of users and of sessions
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, redacted],
  // 40 characters alone may be anything, so only after a name that says what they are
  [/(secret_?(?:access_?)?key["']?\s*[:=]\s*["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi, `$1${redacted}`],
  [/(session_?token["']?\s*[:=]\s*["']?)[A-Za-z0-9/+=]{40,}/gi, `$1${redacted}`],
  // signed requests and URLs
  [/(X-Amz-(?:Security-Token|Signature|Credential)["']?\s*[:=]\s*["']?)[^\s&"']+/gi, `$1${redacted}`],
  [/(Authorization["']?\s*[:=]\s*["']?(?:Basic|Bearer|token)\s+)[^\s"']+/gi, `$1${redacted}`],
  // password hashes: bcrypt, Apache's and crypt's
  [/\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}/g, redacted],
  [/\$(apr1|1|5|6|y|7)\$[./A-Za-z0-9$=,]{8,}/g, redacted],
  [/\{S?SHA\}[A-Za-z0-9+/=]{20,}/g, redacted],
  // tokens that are told by their beginning, also where they are not of the length that gitleaks knows
  [/\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl[a-z]{2,8}-[\w-]{20,})/g, redacted],
  [/\b(?:npm_|hf_|pypi-|dckr_[a-z]{3}_|[sr]k_(?:live|test)_|whsec_|sk-(?:ant|proj)-|dop_v1_)[\w-]{10,}/g, redacted],
  [/\b(?:xox[a-z]-|xapp-|AIza|ya29\.|SG\.|hvs\.|shp[a-z]{2}_)[\w.-]{10,}/g, redacted],
  [/\bey[\w-]{10,}\.ey[\w-]{10,}\.[\w-]*/g, redacted],
  // logins in addresses; the user of ssh alone is none
  [/\b(https?:\/\/)[^\s"'<>/@]{1,500}@/gi, `$1${redacted}@`],
  [/\b([a-z][\w+.-]*:\/\/)[^\s"'<>:@/]{0,100}:(?!\d{1,5}\/)[^\s"'<>]{0,500}@/gi, `$1${redacted}@`],
  // what a name says to be one: NAME = "value", NAME: value, --name value
  [new RegExp(`(${name}["']?[ \\t]*(?:=>|[=:])[ \\t]*)${value}`, "gi"), hide],
  [new RegExp(`(${name}=)([^\\s"',;&]+)`, "gi"), hide],
  [new RegExp(`(--(?:[a-z]+-)*${name}[ =])${value}`, "gi"), hide],
];

/** @returns the text with every secret replaced. */
export function redact(text: string): string {
  const kept = patterns.reduce((left, [pattern, put]) => left.replaceAll(pattern, put as string), text);
  return withoutSpans(kept, tokensIn(kept));
}

/** Of lines that belong together: a key has many. It must come before lines are left out, or half of a key stays. */
export const redactLines = (lines: readonly string[]): string[] => redact(lines.join("\n")).split("\n");

/** Whether a value, given by a name, is one that others must not see. */
export const looksSecret = (name: string, value: string): boolean => redact(`${name}=${value}`) !== `${name}=${value}`;

function withoutSpans(text: string, spans: readonly Span[]): string {
  let end = 0;
  const parts: string[] = [];
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    if (span.end <= end) continue;
    if (span.start >= end) parts.push(text.slice(end, span.start), redacted);
    end = span.end;
  }
  return parts.join("") + text.slice(end);
}
