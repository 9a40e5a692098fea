import { type Span, tokensIn } from "./rules.ts";

/** Replaces a secret. */
export const redacted = "[redacted]";

/** Endings of names whose value is a secret. */
const name =
  "(?<!no)(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|private|secret|encryption|signing)[_-]?key)";

const quoted = `"(?:[^"\\\\\n]|\\\\.)*"|'[^'\n]*'`;
/** A value of letters only counts where no other word follows: else it belongs to a sentence. */
const bare = `[^\\s"'|>,;&(]*[^\\sA-Za-z"'|>,;&(][^\\s"',;&(]*(?!\\()|[A-Za-z]+(?![\\w(.-]|[ \\t]+[A-Za-z(])`;
const block = `[|>][-+]?[ \\t]*\n[^\n]*`;
const one = `${quoted}|${block}|${bare}`;
/** A diff can show two values with an arrow between them. */
const value = `((?:${one})(?:[ \\t]*->[ \\t]*(?:${one}))?)`;

/** Not a secret, but a stand-in for one or its location: nothing, a placeholder, a reference, a path, a keyword. */
const harmless =
  /^["']?(?:|\[redacted\]|null|none|true|false|required|optional|enabled|disabled|\*+|\.+|<.*>|\$[\w({].*|%.*%|\{\{.*|arn:aws.*|\.{0,2}\/[\w./-]*|[a-z_]+[)}\]]+|[a-z]+(?:[:._][a-z][\w-]*)+(?:\[.*\])?)["']?$/i;

const hide = (_whole: string, before: string, given: string) =>
  before +
  given.replace(new RegExp(`->|${one}|\\S+`, "g"), (each) =>
    each === "->" || harmless.test(each) ? each : hidden(each),
  );

/** Keeps the quotes, so that the result is still read as one value. */
const hidden = (given: string) => (/^["']/.test(given) ? `${given[0]}${redacted}${given[0]}` : redacted);

/**
 * What must never appear in a review comment, however it got into the plan. The plan of this project holds no secrets: this is the
 * second line of defence, for a secret that somebody wrote into a config or a template. gitleaks' rules know the tokens of services.
 */
const patterns: ReadonlyArray<readonly [pattern: RegExp, replacement: string | typeof hide]> = [
  // without an end line, all of the remaining text counts as the key
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|$)/gs, redacted],
  // access keys, of users and of sessions
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, redacted],
  // any 40 characters could be a hash, so only after a name that says what they are
  [/(secret_?(?:access_?)?key["']?\s*[:=]\s*["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/gi, `$1${redacted}`],
  [/(session_?token["']?\s*[:=]\s*["']?)[A-Za-z0-9/+=]{40,}/gi, `$1${redacted}`],
  // signed requests and URLs
  [/(X-Amz-(?:Security-Token|Signature|Credential)["']?\s*[:=]\s*["']?)[^\s&"']+/gi, `$1${redacted}`],
  [/(Authorization["']?\s*[:=]\s*["']?(?:Basic|Bearer|token)\s+)[^\s"']+/gi, `$1${redacted}`],
  // password hashes: bcrypt, Apache's and crypt's
  [/\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}/g, redacted],
  [/\$(apr1|1|5|6|y|7)\$[./A-Za-z0-9$=,]{8,}/g, redacted],
  [/\{S?SHA\}[A-Za-z0-9+/=]{20,}/g, redacted],
  // tokens with a known prefix, also in lengths that gitleaks does not know
  [/\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl[a-z]{2,8}-[\w-]{20,})/g, redacted],
  [/\b(?:npm_|hf_|pypi-|dckr_[a-z]{3}_|[sr]k_(?:live|test)_|whsec_|sk-(?:ant|proj)-|dop_v1_)[\w-]{10,}/g, redacted],
  [/\b(?:xox[a-z]-|xapp-|AIza|ya29\.|SG\.|hvs\.|shp[a-z]{2}_)[\w.-]{10,}/g, redacted],
  [/\bey[\w-]{10,}\.ey[\w-]{10,}\.[\w-]*/g, redacted],
  // logins in addresses; an ssh user without a password is not one
  [/\b(https?:\/\/)[^\s"'<>/@]{1,500}@/gi, `$1${redacted}@`],
  [/\b([a-z][\w+.-]*:\/\/)[^\s"'<>:@/]{0,100}:(?!\d{1,5}\/)[^\s"'<>]{0,500}@/gi, `$1${redacted}@`],
  // values whose name says that they are secret: NAME = "value", NAME: value, --name value
  [new RegExp(`(${name}["']?[ \\t]*(?:=>|[=:])[ \\t]*)${value}`, "gi"), hide],
  [new RegExp(`(${name}=)([^\\s"',;&]+)`, "gi"), hide],
  [new RegExp(`(--(?:[a-z]+-)*${name}[ =])${value}`, "gi"), hide],
];

/** @returns the text with every secret replaced. */
export function redact(text: string): string {
  const kept = patterns.reduce((left, [pattern, put]) => left.replaceAll(pattern, put as string), text);
  return withoutSpans(kept, tokensIn(kept));
}

/** For lines that belong together, such as those of a key. Call it before lines are dropped, or half of a key may remain. */
export const redactLines = (lines: readonly string[]): string[] => redact(lines.join("\n")).split("\n");

/** Whether a value looks like a secret, given its name. */
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
