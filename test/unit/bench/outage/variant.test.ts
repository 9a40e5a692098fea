import { describe, expect, it } from "vitest";
import { proxySettings } from "../../../bench/outage/settings.ts";
import { withVariant } from "../../../bench/outage/variant.ts";
import { exampleTree, fileOf } from "../../templates/example.ts";

const tree = exampleTree();
const original = fileOf(tree, "proxy-1", "/etc/keepalived/keepalived.conf");
const keeperJson = fileOf(tree, "proxy-1", "/etc/eip-keeper/config.json");

describe("a variant of keepalived.conf", () => {
  it("has the adverts that are to be tried", () => {
    const variant = { advertIntervalMs: 200, downAfterAdverts: 3 };
    expect(proxySettings(withVariant(original, variant), keeperJson)).toMatchObject(variant);
  });

  it("differs in nothing else", () => {
    const lines = (text: string) =>
      text.split("\n").filter((line) => !/^\s*(advert_int|down_timer_adverts) /.test(line));
    expect(lines(withVariant(original, { advertIntervalMs: 1000, downAfterAdverts: 3 }))).toEqual(lines(original));
  });

  it("with the settings that the file has, is the file", () => {
    expect(withVariant(original, { advertIntervalMs: 100, downAfterAdverts: 30 })).toBe(original);
  });
});
