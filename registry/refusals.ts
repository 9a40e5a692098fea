import { loginPlaces } from "./login.ts";

/** How to mend a registry's refusal, by its status. */
export function fixForStatus(status: number, host: string): string {
  if (status === 401 || status === 403) {
    return `docker login ${host}, with a user who may push there; logins were looked for in ${loginPlaces()}`;
  }
  return fixes[status] ?? (status >= 500 ? brokenRegistry : `check that ${host} is a registry, and see its log`);
}

const brokenRegistry = "see the logs of the registry and of what is in front of it; then try again";

const fixes: Readonly<Record<number, string>> = {
  404: "check the name: the registry does not have it, or you must create it there first",
  405: "push to a registry that accepts writes: this one is read-only, such as a mirror, or not a registry",
  413: "raise the size limit of what is in front of the registry (nginx: client_max_body_size), or make the layers smaller",
  429: "try again later; the registry allows no more requests for now",
  507: "free some space on the registry's disk",
};

/** Words that imply a status, for programs that do not print it. */
const words: ReadonlyArray<readonly [words: RegExp, status: number]> = [
  [/unauthorized|authentication required/i, 401],
  [/denied|forbidden/i, 403],
  [/name unknown|manifest unknown/i, 404],
  [/toomanyrequests|too many requests|rate limit/i, 429],
];

/** The status of a registry's refusal, from a program's output. @returns undefined if it was not a refusal */
export function statusIn(text: string): number | undefined {
  const [, told] = /\bstatus(?: ?code)?(?: from registry)?:? (\d{3})\b/i.exec(text) ?? [];
  return told === undefined ? words.find(([known]) => known.test(text))?.[1] : Number(told);
}

/** Whether a refusal may be temporary. */
export const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500;
