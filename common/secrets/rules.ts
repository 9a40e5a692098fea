import { RE2JS } from "re2js";
import file from "./rules.json" with { type: "json" };

export interface RuleFile {
  /** Their source, copyright and licence. */
  readonly from: string;
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly id: string;
  /** In the syntax of RE2, which stays fast even on text crafted to be slow. */
  readonly regex: string;
  /** Lower-case words. Every text that the rule matches contains at least one of them. */
  readonly keywords: readonly string[];
  /** The group of the regex that holds the secret itself. @default - the first that matches, or else the whole match */
  readonly group?: number;
}

/** Part of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What gitleaks accepts as the end of a token. In a diff or an address, other characters can follow one. */
const tokenEnd = "(?:[\\x60'\"\\s;]|\\\\[nr]|$)";

const compiled = new Map<string, RE2JS>();

/** Finds secrets in a text by gitleaks' rules: tokens of about two hundred services. */
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
