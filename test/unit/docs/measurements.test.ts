import { describe, expect, it } from "vitest";
import { renderReport } from "../../bench/report/render.ts";
import { plotsThere, savedResults } from "../../bench/report/report.ts";

const results = savedResults();
const files = renderReport(results);

describe("the page of measurements", () => {
  it("has every measurement; npm run measure", () => {
    expect(results).toEqual({ outage: expect.anything(), vrrp: expect.anything(), throughput: expect.anything() });
  });

  it("has the plots that it shows, and no others; npm run bench -- report", () => {
    expect(plotsThere().sort()).toEqual([...files.keys()].filter((name) => name.endsWith(".svg")).sort());
  });

  it.each([...files])("is what docs/measurements/*.json say; --update writes it: %s", async (name, text) => {
    await expect(text).toMatchFileSnapshot(`../../../docs/${name}`);
  });
});
