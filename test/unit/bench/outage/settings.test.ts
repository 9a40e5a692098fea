import { describe, expect, it } from "vitest";
import {
  nginxFailureSec,
  nginxHangSec,
  noAnswersSec,
  type ProxySettings,
  proxySettings,
  silentDeathSec,
  skewSec,
} from "../../../bench/outage/settings.ts";
import { exampleTree, fileOf } from "../../templates/example.ts";

describe("the settings that a proxy runs with", () => {
  it("are read from the files that we render", () => {
    const tree = exampleTree();
    const keepalivedConf = fileOf(tree, "proxy-2", "/etc/keepalived/keepalived.conf");
    const keeperJson = fileOf(tree, "proxy-2", "/etc/eip-keeper/config.json");
    expect(proxySettings(keepalivedConf, keeperJson)).toEqual({
      advertIntervalMs: 100,
      downAfterAdverts: 30,
      checkIntervalMs: 1000,
      checkTimeoutMs: 5000,
      checkFall: 2,
      reconcileIntervalMs: 5000,
      priority: 198,
    });
  });

  it("are never guessed: a file that lacks one is refused by its name", () => {
    expect(() => proxySettings("advert_int 0.1\n", "{}")).toThrow("keepalived.conf has no down_timer_adverts");
  });
});

describe("the limit that VRRP sets", () => {
  const settings: ProxySettings = {
    advertIntervalMs: 100,
    downAfterAdverts: 30,
    checkIntervalMs: 1000,
    checkTimeoutMs: 2000,
    checkFall: 2,
    reconcileIntervalMs: 5000,
    priority: 192,
  };

  it("is a quarter of an advert's interval, the skew, for a backup of priority 192 that is told", () => {
    expect(skewSec(settings)).toBeCloseTo(0.025);
  });

  it("is that and all adverts that may be missed, when nobody tells it", () => {
    expect(silentDeathSec(settings)).toBeCloseTo(3.025);
  });

  it("is that and the checks of HAProxy and keepalived that must fail, when nginx answers badly", () => {
    expect(nginxFailureSec(settings)).toBeCloseTo(3.025);
  });

  it("is that and HAProxy's patience, when nginx does not answer", () => {
    expect(nginxHangSec(settings)).toBeCloseTo(13.025);
  });

  it("counts the time-out of each check and the wait for the first, when HAProxy does not answer", () => {
    expect(noAnswersSec(settings)).toBeCloseTo(5.025);
  });
});
