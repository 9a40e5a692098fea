import { describe, expect, it } from "vitest";
import { faults } from "../../../lab/faults/catalogue.ts";
import { expectations } from "../../faults/expectations.ts";
import { type ScheduleProps, scheduleOf } from "../../faults/schedule.ts";

const props: ScheduleProps = {
  seed: 7,
  minutes: 30,
  faults,
  limits: { rightWithinMs: 18_000, blipMs: 5_000, patienceMs: 10_000 },
};
const long = scheduleOf({ ...props, minutes: 3_000 });

describe("the schedule of faults", () => {
  it("is the same for the same seed, and another one for another seed", () => {
    expect(scheduleOf(props)).toEqual(scheduleOf(props));
    expect(scheduleOf({ ...props, seed: 8 })).not.toEqual(scheduleOf(props));
  });

  it("brings every fault once before it brings one a second time", () => {
    const first = long.slice(0, faults.length).map(({ fault }) => fault);
    expect(first.toSorted()).toEqual(faults.map(({ name }) => name).sort());
  });

  it("aims at each kind of node that a fault can strike", () => {
    const aims = (fault: string) => [...new Set(long.filter((strike) => strike.fault === fault).map(({ aim }) => aim))];
    expect(aims("nginx-stop").sort()).toEqual(["backup", "holder"]);
    expect(aims("node-off").sort()).toEqual(["backup", "holder", "registry"]);
    expect(aims("registry-crash-in-put")).toEqual(["registry"]);
    expect(aims("deploy")).toEqual([undefined]);
    expect(new Set(aims("s3-cut"))).toEqual(new Set([undefined, "holder", "backup", "registry"]));
  });

  it("fills the minutes that were asked for, and hardly more", () => {
    const length = (minutes: number) =>
      scheduleOf({ ...props, minutes }).reduce((sum, { durationSec, quietSec }) => sum + durationSec + quietSec, 0);
    for (const minutes of [1, 3, 30]) {
      expect(length(minutes)).toBeGreaterThanOrEqual(minutes * 60);
      expect(length(minutes)).toBeLessThan(minutes * 60 + 70);
    }
  });

  it("gives the cluster its time after each healing, and then a while without faults", () => {
    expect(Math.min(...long.map(({ quietSec }) => quietSec))).toBeGreaterThan(18 + 5);
  });

  it("has faults that last until the cluster must have got used to them, the first of all, and some that do not", () => {
    const lasting = long.map(({ durationSec }) => durationSec > 18 + 10);
    expect(scheduleOf({ ...props, minutes: 1 })[0]?.durationSec).toBeGreaterThan(18 + 10);
    expect(new Set(lasting)).toEqual(new Set([true, false]));
  });

  it("has a deployment now and then while a proxy is struck", () => {
    const deployments = long.filter(({ deployAfterSec }) => deployAfterSec !== undefined);
    expect(deployments.length).toBeGreaterThan(long.length / 20);
    expect(deployments.every(({ aim }) => aim === "holder" || aim === "backup")).toBe(true);
  });
});

describe("what is expected of the cluster", () => {
  it("is said for every fault there is, and for no other", () => {
    expect(Object.keys(expectations).sort()).toEqual(faults.map(({ name }) => name).sort());
  });

  it("has a reason wherever more than one move, or no service, is expected", () => {
    const modest = Object.values(expectations).filter(
      ({ moves = {}, serves }) => serves === false || Object.values(moves).some((count) => count > 1),
    );
    expect(modest.length).toBeGreaterThan(0);
    expect(modest.filter(({ because }) => !because)).toEqual([]);
  });
});
