import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Duration, durationBetween } from "../../../config/duration.ts";

describe("a duration", () => {
  it.each([
    ["200ms", 200],
    ["5s", 5_000],
    ["15m", 900_000],
    ["168h", 604_800_000],
    ["30d", 2_592_000_000],
    ["0.5s", 500],
  ])("%s is %d ms", (text, milliseconds) => {
    expect(Duration.parse(text)?.milliseconds).toBe(milliseconds);
  });

  it("keeps the text that the user wrote", () => {
    expect(String(Duration.parse("90s"))).toBe("90s");
    expect(JSON.stringify({ interval: Duration.parse("90s") })).toBe('{"interval":"90s"}');
  });

  it("has whole milliseconds wherever its text has", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (milliseconds) => {
        const text = `${(milliseconds / 1_000).toFixed(3)}s`;
        expect(Duration.parse(text)?.milliseconds).toBe(milliseconds);
      }),
    );
  });

  it.each(["100m s", "1sec", "0.1", "1e3ms", "5 s", "", "s", "-5s", "+5s", ".5s", "5.s", "5S", "1h30m", "5s\n", "٥s"])(
    "is not %j",
    (text) => {
      expect(Duration.parse(text)).toBeUndefined();
    },
  );
});

describe("a setting between two durations", () => {
  const setting = durationBetween("1s", "60s", "500ms");

  it("takes both ends", () => {
    expect(setting.parse("1s").seconds).toBe(1);
    expect(setting.parse("1m").seconds).toBe(60);
  });

  it.each(["999ms", "61s", "1.2s"])("refuses %s, naming the range and the steps", (text) => {
    expect(issueOf(text).message).toBe("a duration from 1s to 60s, in steps of 500ms");
  });

  it.each([
    ["5 s", "write 5s"],
    ["5S", "write 5s"],
    ["1sec", "write 1s"],
    ["10 seconds", "write 10s"],
    ["1 min", "write 1m"],
    ["1500msec", "write 1500ms"],
    ["100m s", "write a number and its unit, without a space, as in 1s"],
    ["2 hours", "write a number and its unit, without a space, as in 1s"],
    ["0.1", "write a number and its unit, without a space, as in 1s"],
    ["1e3ms", "write a number and its unit, without a space, as in 1s"],
    [5, "write a number and its unit, without a space, as in 1s"],
  ])("answers %j with: %s", (given, fix) => {
    expect(issueOf(given)).toMatchObject({ params: { fix } });
  });

  it.each([
    ["ms", ["millisecond", "milliseconds", "millis", "msec", "msecs"]],
    ["s", ["second", "seconds", "sec", "secs"]],
    ["m", ["minute", "minutes", "min", "mins"]],
    ["h", ["hour", "hours", "hr", "hrs"]],
    ["d", ["day", "days"]],
  ])("suggests the unit %s for %j", (unit, spellings) => {
    const any = durationBetween("1ms", "30d");
    const fixes = spellings.map((spelling) => any.safeParse(`3 ${spelling}`).error?.issues[0]);
    expect(fixes).toEqual(spellings.map(() => expect.objectContaining({ params: { fix: `write 3${unit}` } })));
  });

  it("suggests nothing that it would refuse", () => {
    const parts = fc.tuple(
      fc.nat(100),
      fc.constantFrom("", " ", "\t"),
      fc.constantFrom("ms", "sec", "Min", "hours", "day"),
    );
    fc.assert(
      fc.property(parts, ([number, space, unit]) => {
        const result = setting.safeParse(`${number}${space}${unit}`);
        if (result.success) return;
        const fix = (result.error.issues[0] as { params?: { fix?: string } }).params?.fix ?? "";
        const suggested = /^write (\d\S*)$/.exec(fix)?.[1];
        if (suggested) expect(setting.safeParse(suggested).success).toBe(true);
      }),
    );
  });

  function issueOf(given: unknown) {
    return setting.safeParse(given).error!.issues[0]!;
  }
});
