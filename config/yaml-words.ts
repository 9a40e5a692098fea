import type { ErrorCode } from "yaml";

/** What is wrong with a line of YAML, and how to mend it. */
interface Words {
  readonly problem: string;
  readonly fix: string;
}

const indent = "indent keys of the same section by the same number of spaces, two more than its name";
const quote = "put the value into quotes";

/** The parser's errors in our words: its own are written for authors of parsers. */
const words: Readonly<Partial<Record<ErrorCode, Words>>> = {
  ALIAS_PROPS: { problem: "an alias (*name) has an anchor or a type of its own", fix: "keep only the alias" },
  BAD_ALIAS: {
    problem: "an alias (*name) without a proper name",
    fix: "write * and the name of an anchor, or use quotes",
  },
  BAD_DIRECTIVE: { problem: "a line that begins with %", fix: "remove it, or put the value into quotes" },
  BAD_DQ_ESCAPE: {
    problem: "an unknown backslash escape in double quotes",
    fix: "use single quotes, or \\\\ for a backslash",
  },
  BAD_INDENT: { problem: "the indentation does not fit the lines around it", fix: indent },
  BAD_SCALAR_START: { problem: "a value cannot begin with this character", fix: quote },
  BLOCK_AS_IMPLICIT_KEY: {
    problem: "two `key: value` on one line",
    fix: "put the second one on a line of its own, or the value into quotes",
  },
  BLOCK_IN_FLOW: {
    problem: "lines of a list or a section inside [ ] or { }",
    fix: "use one of the two forms, not both",
  },
  KEY_OVER_1024_CHARS: { problem: "a key of more than 1024 characters", fix: "shorten it" },
  MISSING_CHAR: {
    problem: "a quote, a bracket, a comma or a space is missing",
    fix: "add it; it may be missing further up",
  },
  MULTILINE_IMPLICIT_KEY: { problem: "a key that spans more than one line", fix: "put key and `:` on one line" },
  MULTIPLE_ANCHORS: { problem: "a value with two anchors (&name)", fix: "keep one" },
  MULTIPLE_DOCS: {
    problem: "a second document after `---`",
    fix: "move it to a file of its own: each file has one cluster",
  },
  MULTIPLE_TAGS: { problem: "a value with two types (!name)", fix: "remove them" },
  TAB_AS_INDENT: { problem: "a tab where spaces must be", fix: indent },
  TAG_RESOLVE_FAILED: {
    problem: "a type (!name) that does not fit or is unknown",
    fix: "remove it, or put the value into quotes",
  },
};

const unknown: Words = {
  problem: "something that is not allowed here",
  fix: "mend the line, or the one before it",
};

/** @returns what to say of an error of the YAML parser. */
export function wordsOfYamlError(code: ErrorCode): Words {
  return words[code] ?? unknown;
}

/** @returns what to say when aliases cannot be followed. */
export function wordsOfAliasError(error: unknown): Words {
  const [, name] = /alias \(the anchor must be set before the alias\): (.*)/.exec(String(error)) ?? [];
  if (name)
    return {
      problem: `there is no anchor &${name} before the alias *${name}`,
      fix: "write the value, or put the anchor above the alias",
    };
  if (String(error).includes("Merge sources"))
    return {
      problem: "`<<` merges the keys of a section, but what it names is not a section",
      fix: "name a section by its alias: `<<: *name`",
    };
  return { problem: "its aliases expand to far more than what is written", fix: "write the values instead of aliases" };
}
