import { describe, expect, it } from "vitest";
import { outageBetween, type Probe } from "../../../bench/outage/probe.ts";

const good = (startMs: number, tookMs = 10): Probe => ({ startMs, endMs: startMs + tookMs });
const failed = (startMs: number, tookMs = 10): Probe => ({ ...good(startMs, tookMs), failure: "ECONNREFUSED" });

describe("an outage", () => {
  it("is from the start of the first request that failed to the first good answer", () => {
    const probes = [good(0), good(20), failed(40), failed(60), good(80, 12), good(100)];
    expect(outageBetween(probes, 35, 1000)).toMatchObject({ begunMs: 40, endedMs: 92, failedRequests: 2 });
  });

  it("is none when no request failed", () => {
    const outage = outageBetween([good(0), good(20), good(40)], 10, 1000);
    expect(outage.begunMs).toBeUndefined();
    expect(outage).toMatchObject({ failedRequests: 0, requests: 2 });
  });

  it("goes on over good answers between failures", () => {
    const probes = [failed(40), good(60), good(80), failed(100), good(120)];
    expect(outageBetween(probes, 35, 1000)).toMatchObject({ begunMs: 40, endedMs: 130, failedRequests: 2 });
  });

  it("does not end with a request that was sent before its last failure and came through in the end", () => {
    const probes = [failed(40, 2000), good(60, 1500), failed(80, 2000), good(3000)];
    expect(outageBetween(probes, 35, 9000).endedMs).toBe(3010);
  });

  it("ends with the answer that comes first, not with the request that was sent first", () => {
    const probes = [failed(40), good(60, 1000), good(80, 10)];
    expect(outageBetween(probes, 35, 9000).endedMs).toBe(90);
  });

  it("counts a request that was under way when the fault began", () => {
    expect(outageBetween([failed(30, 20), good(60)], 35, 1000)).toMatchObject({
      begunMs: 30,
      failedRequests: 1,
    });
  });

  it("does not count what failed before the fault, or was sent after the healing began", () => {
    const probes = [failed(0), failed(40), good(60), failed(1000)];
    expect(outageBetween(probes, 35, 900)).toMatchObject({
      begunMs: 40,
      endedMs: 70,
      failedRequests: 1,
      requests: 2,
    });
  });

  it("that only the healing ends, ends with the first good answer after it", () => {
    expect(outageBetween([failed(40), failed(60), good(2000)], 35, 1000)).toMatchObject({ begunMs: 40, endedMs: 2010 });
  });

  it("has to have an end", () => {
    expect(() => outageBetween([good(0), failed(40)], 35, 1000)).toThrow("no end");
  });

  it("knows the longest wait for a good answer, which failed nobody", () => {
    expect(outageBetween([good(40), good(60, 1015), good(80)], 35, 1000).slowestMs).toBe(1015);
  });

  it("takes probes in any order: they come in that of their ends", () => {
    const probes = [good(100), failed(60), good(80, 5), failed(40, 500)];
    expect(outageBetween(probes, 35, 1000)).toMatchObject({ begunMs: 40, endedMs: 85 });
  });

  it("counts the failures by their reasons", () => {
    const probes = [failed(40), { ...failed(60), failure: "HTTP/1.1 502" }, failed(80), good(100)];
    expect(outageBetween(probes, 35, 1000).failures).toEqual({ ECONNREFUSED: 2, "HTTP/1.1 502": 1 });
  });
});
