import { z } from "zod";

const millisecondsPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof millisecondsPerUnit;

/** A length of time, written in the config as a number and a unit: `200ms`, `5s`, `15m`, `168h`, `30d`. */
export class Duration {
  private constructor(
    /** As the user wrote it. */
    readonly text: string,
    readonly milliseconds: number,
  ) {}

  /** @returns the duration, or undefined when the text is not a number followed by ms, s, m, h or d. */
  static parse(text: string): Duration | undefined {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
    if (!match) return undefined;
    const milliseconds = Number(match[1]) * millisecondsPerUnit[match[2] as Unit];
    // 0.07s times 1000 is 70.00000000000001: rounded, so that steps of 10ms can be checked.
    return new Duration(text, Number(milliseconds.toFixed(3)));
  }

  get seconds(): number {
    return this.milliseconds / 1_000;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/**
 * A config value between two durations, both included.
 *
 * @param step - the value must be a multiple of this, the unit of the program that gets it
 */
export function durationBetween(least: string, most: string, step?: string) {
  const [min, max] = [mustParse(least).milliseconds, mustParse(most).milliseconds];
  const stepMilliseconds = step ? mustParse(step).milliseconds : undefined;
  const allowed = `a duration from ${least} to ${most}${step ? `, in steps of ${step}` : ""}`;
  const isAllowed = ({ milliseconds }: Duration) =>
    min <= milliseconds && milliseconds <= max && (!stepMilliseconds || milliseconds % stepMilliseconds === 0);

  return z
    .union([z.string(), z.number()], allowed)
    .transform((given, context) => {
      const duration = Duration.parse(String(given));
      if (duration && isAllowed(duration)) return duration;

      const meant = meantBy(String(given));
      const fix =
        meant && isAllowed(meant) ? `write ${meant}` : `write a number and its unit, without a space, as in ${least}`;
      context.addIssue({ code: "custom", message: allowed, params: duration ? {} : { fix } });
      return z.NEVER;
    })
    .meta({ allowed });
}

/** Reads common misspellings of durations, such as `5 s`, `5S` and `5 seconds`. */
function meantBy(given: string): Duration | undefined {
  const text = given
    .toLowerCase()
    .replaceAll(/\s/g, "")
    .replace(/(?<=\d)(milliseconds?|millis|msecs?)$/, "ms")
    .replace(/(?<=\d)(seconds?|secs?)$/, "s")
    .replace(/(?<=\d)(minutes?|mins?)$/, "m")
    .replace(/(?<=\d)(hours?|hrs?)$/, "h")
    .replace(/(?<=\d)days?$/, "d");
  return Duration.parse(text);
}

function mustParse(text: string): Duration {
  const duration = Duration.parse(text);
  if (!duration) throw new Error(`'${text}' is not a duration`);
  return duration;
}
