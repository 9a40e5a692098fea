import { nginxFailsSec, nginxHangsSec } from "../../../topology/timeouts.ts";
import type { OutageSettings } from "./result.ts";

/** The settings that a proxy runs with, whatever the config file says by now. */
export interface ProxySettings extends OutageSettings {
  readonly priority: number;
}

/** Reads them from a node's /etc/keepalived/keepalived.conf and /etc/eip-keeper/config.json. */
export function proxySettings(keepalivedConf: string, keeperJson: string): ProxySettings {
  const value = (key: string) => {
    const found = new RegExp(`^\\s*${key} ([\\d.]+)$`, "m").exec(keepalivedConf)?.[1];
    if (found === undefined) throw new Error(`keepalived.conf has no ${key}`);
    return Number(found);
  };
  const ms = (sec: number) => Math.round(sec * 1000);
  return {
    advertIntervalMs: ms(value("advert_int")),
    downAfterAdverts: value("down_timer_adverts"),
    checkIntervalMs: ms(value("interval")),
    checkTimeoutMs: ms(value("timeout")),
    checkFall: value("fall"),
    reconcileIntervalMs: ms((JSON.parse(keeperJson) as { reconcileIntervalSec: number }).reconcileIntervalSec),
    priority: value("priority"),
  };
}

/** A backup takes over this long after the master has announced that it leaves. The lower its priority, the longer. */
export const skewSec = ({ advertIntervalMs, priority }: ProxySettings) =>
  ((256 - priority) / 256) * (advertIntervalMs / 1000);

/** A backup takes over when it has heard nothing for this long. */
export const silentDeathSec = (settings: ProxySettings) =>
  (settings.advertIntervalMs * settings.downAfterAdverts) / 1000 + skewSec(settings);

/** A backup takes over this long after nginx began to fail: HAProxy notices, and tells keepalived at once. */
export const nginxFailureSec = (settings: ProxySettings) => nginxFailsSec + toldSec(settings);

/** The same if nginx does not answer. */
export const nginxHangSec = (settings: ProxySettings) => nginxHangsSec + toldSec(settings);

const toldSec = (settings: ProxySettings) => (settings.checkIntervalMs * settings.checkFall) / 1000 + skewSec(settings);

/** The same if HAProxy itself does not answer. */
export const noAnswersSec = (settings: ProxySettings) =>
  (settings.checkIntervalMs + Math.max(settings.checkIntervalMs, settings.checkTimeoutMs) * settings.checkFall) / 1000 +
  skewSec(settings);
