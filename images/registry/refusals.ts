import { loginPlaces } from "./login.ts";

/** What to do about the status that a registry refuses with. */
export function fixForStatus(status: number, host: string): string {
  if (status === 401 || status === 403) {
    return `docker login ${host}, with a user who may push there; logins were looked for in ${loginPlaces()}`;
  }
  return fixes[status] ?? (status >= 500 ? brokenRegistry : `check that ${host} is a registry, and see its log`);
}

const brokenRegistry = "see the log of the registry, and of what is in front of it; then try again";

const fixes: Readonly<Record<number, string>> = {
  404: "check the name: the registry has no such place, or it must be made there first",
  405: "push to a registry that can be written to: this one only reads, as a mirror does, or is none",
  413: "raise the limit of what is in front of the registry (nginx: client_max_body_size), or make the layers smaller",
  429: "try again later; the registry allows no more for now",
  507: "make room on the disk of the registry",
};

/** Words that stand for a status where a program does not tell it. */
const words: ReadonlyArray<readonly [words: RegExp, status: number]> = [
  [/unauthorized|authentication required/i, 401],
  [/denied|forbidden/i, 403],
  [/name unknown|manifest unknown/i, 404],
  [/toomanyrequests|too many requests|rate limit/i, 429],
];

/** The status that a registry has refused with, in the words of a program. @returns undefined where it was not a refusal */
export function statusIn(text: string): number | undefined {
  const [, told] = /\bstatus(?: ?code)?(?: from registry)?:? (\d{3})\b/i.exec(text) ?? [];
  return told === undefined ? words.find(([known]) => known.test(text))?.[1] : Number(told);
}

/** Whether a refusal may be over in a moment. */
export const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;
