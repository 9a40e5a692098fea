import { InvalidArgumentError } from "commander";

/** What commands of the tests have in common on the command line. */

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("must be a whole number from 1 to 999999999.");
  return Number(text);
}

/** Reads names with commas between, all of which must be known. */
export function namesAmong(what: string, known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const names = text.split(",");
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0)
      throw new InvalidArgumentError(`no ${what} '${unknown.join("', '")}': one of ${known.join(", ")}.`);
    return names;
  };
}
