import { RE2JS } from "re2js";
import file from "./rules.json" with { type: "json" };

export interface RuleFile {
  /** Whose they are. */
  readonly from: string;
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly id: string;
  /** As RE2 reads it: that takes no longer for a text made to be slow. */
  readonly regex: string;
  /** Lower-case words, one of which is in every text that the rule fits. */
  readonly keywords: readonly string[];
  /** Of the regex, with the secret itself. @default - the first that fits, or else all of it */
  readonly group?: number;
}

/** Part of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What gitleaks takes for the end of a token. In a diff or an address more may follow one. */
const tokenEnd = "(?:[\\x60'\"\\s;]|\\\\[nr]|$)";

const compiled = new Map<string, RE2JS>();

/** Where gitleaks' rules see a secret in a text: tokens of some two hundred services. */
export function tokensIn(text: string): Span[] {
  const lower = text.toLowerCase();
  return (file as RuleFile).rules
    .filter(({ keywords }) => keywords.some((keyword) => lower.includes(keyword)))
    .flatMap((rule) => spansOf(rule, text));
}

function spansOf({ id, regex, group }: Rule, text: string): Span[] {
  const pattern = compiled.get(id) ?? RE2JS.compile(regex.replace(tokenEnd, "(?:\\W|$)"));
  compiled.set(id, pattern);
  const matcher = pattern.matcher(text);
  const spans: Span[] = [];
  while (matcher.find()) {
    const groups = [...Array(matcher.groupCount()).keys()].map((i) => i + 1);
    const secret = group ?? groups.find((each) => matcher.group(each) !== null) ?? 0;
    spans.push({ start: matcher.start(secret), end: matcher.end(secret) });
  }
  return spans;
}
