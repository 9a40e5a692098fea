import { describe, expect, it } from "vitest";
import { Duration } from "../../../config/duration.ts";
import { convergeCalendar } from "../../../templates/converge-schedule.ts";

const calendars = (interval: string, nodeCount: number) =>
  Array.from({ length: nodeCount }, (_, i) => convergeCalendar(Duration.parse(interval) as Duration, i, nodeCount));

describe("convergeCalendar", () => {
  it("spreads the nodes evenly over the interval", () => {
    expect(calendars("30m", 5)).toEqual(["*:00/30:00", "*:06/30:00", "*:12/30:00", "*:18/30:00", "*:24/30:00"]);
  });

  it("spreads them by seconds where minutes are too coarse", () => {
    expect(calendars("5m", 4)).toEqual(["*:00/5:00", "*:01/5:15", "*:02/5:30", "*:03/5:45"]);
  });

  it("repeats intervals of hours over the day", () => {
    expect(calendars("2h", 3)).toEqual(["00/2:00:00", "00/2:40:00", "01/2:20:00"]);
    expect(calendars("24h", 2)).toEqual(["00:00:00", "12:00:00"]);
  });

  it.each([
    ["7m", "*:00/6:00"],
    ["59m", "*:00/30:00"],
    ["90m", "00/1:00:00"],
    ["5h", "00/4:00:00"],
  ])("shortens %s, which does not divide a day, to one that does", (interval, calendar) => {
    expect(calendars(interval, 1)).toEqual([calendar]);
  });

  it("gives each of the largest number of nodes its own time in the shortest interval", () => {
    expect(new Set(calendars("5m", 17)).size).toBe(17);
  });
});
