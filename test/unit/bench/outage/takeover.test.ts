import { describe, expect, it } from "vitest";
import { entriesInto, lastState, movesIn } from "../../../bench/outage/takeover.ts";

const call = (second: number, caller: string, status = 200, action = "AssociateAddress") =>
  JSON.stringify({ time: `2026-11-22T10:00:0${second}.250+00:00`, service: "ec2", action, caller, status });
const log = (...lines: string[]) => `${lines.join("\n")}\n`;
const at = (second: number) => Date.UTC(2026, 10, 22, 10, 0, second, 250);
const proxies = ["proxy-1", "proxy-2"];

describe("the moves of the address", () => {
  it("are the calls by which another proxy took it, and when they were answered", () => {
    const moves = movesIn(log(call(1, "proxy-2"), call(5, "proxy-1")), proxies, "proxy-1", at(0));
    expect(moves).toEqual([
      { to: "proxy-2", answeredMs: at(1) },
      { to: "proxy-1", answeredMs: at(5) },
    ]);
  });

  it("are none when its holder takes it again", () => {
    expect(movesIn(log(call(1, "proxy-1"), call(2, "proxy-1")), proxies, "proxy-1", at(0))).toEqual([]);
  });

  it("do not include calls that were refused, other calls, other callers and earlier ones", () => {
    const lines = [
      call(1, "proxy-2"),
      call(4, "proxy-2", 503),
      call(5, "proxy-2", 200, "DescribeAddresses"),
      call(6, "bastion"),
    ];
    expect(movesIn(log(...lines), proxies, "proxy-1", at(3))).toEqual([]);
  });
});

describe("keepalived's states", () => {
  const entry = (microseconds: string, message: string) =>
    JSON.stringify({
      MESSAGE: message,
      _SOURCE_REALTIME_TIMESTAMP: microseconds,
      __REALTIME_TIMESTAMP: "1795347999999999",
    });
  const journal = log(
    entry("1795347956502193", "(service) Entering FAULT STATE"),
    entry("1795347960504307", "(service) Entering BACKUP STATE"),
    entry("1795347962504307", "(service) Entering MASTER STATE"),
    entry("1795347963000000", "VRRP_Script(nginx) succeeded"),
  );

  it("carry the time at which keepalived said so, in milliseconds", () => {
    expect(entriesInto("MASTER", journal)).toEqual([1795347962504.307]);
  });

  it("end with the one that it is in", () => {
    expect(lastState(journal)).toBe("MASTER");
  });

  it("are unknown while the journal has nothing of them", () => {
    expect(lastState("")).toBeUndefined();
  });
});
