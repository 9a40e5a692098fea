/** Stands where a secret was. */
export const redacted = "[redacted]";

/**
 * What must never be in a comment, whatever put it into the plan. The plan of this project holds no secret: this is the
 * second lock, for a secret that somebody wrote into a config or a template.
 */
const secrets: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
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
  // tokens of the forges
  [/\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl[a-z]{2,8}-[\w-]{20,})/g, redacted],
];

/** @returns the text with every secret replaced. */
export function redact(text: string): string {
  return secrets.reduce((kept, [pattern, replacement]) => kept.replaceAll(pattern, replacement), text);
}
