import { describe, expect, it } from "vitest";
import { hotPulls } from "../../../bench/report/hot-pulls.ts";
import type { ThroughputReport } from "../../../bench/throughput/result.ts";

const cpu = (path: "bare" | "chain-hot", hop: string, cpuSecPerGb: number) =>
  ({ operation: "pull", path, hop, cpuSecPerGb }) as const;
const report: Pick<ThroughputReport, "cpu" | "rows" | "blobMib"> = {
  blobMib: 16,
  cpu: [
    ...[cpu("bare", "client", 1), cpu("bare", "registry", 3), cpu("bare", "S3: TLS", 2)],
    ...[cpu("chain-hot", "client", 1), cpu("chain-hot", "HAProxy", 0.5), cpu("chain-hot", "nginx of others", 1)],
    ...[cpu("chain-hot", "registry", 1), cpu("chain-hot", "S3: objects", 0.5)],
  ],
  rows: [1.2, 1.4].map((ratioToBare) => ({
    ...({ operation: "pull", path: "chain-redirect", clients: 1, mibPerSec: 1, ratioToBare } as const),
  })),
};

describe("what limits hot pulls", () => {
  const text = hotPulls(report as ThroughputReport).replaceAll("\n", " ");

  it("is told from the CPU time of each hop", () => {
    expect(text).toContain("6.00 CPU s in all programs together from the bare registry, and 4.00 from a hot cache");
    expect(text).toContain("the same cores can deliver 1.50 times as much");
    expect(text).toContain(
      "the client itself takes 1.00, HAProxy and nginx 1.50, and asking the registry for each blob",
    );
    expect(text).toContain("Serving the cache without asking would raise the factor to 2.40");
  });

  it("is compared with redirects, which pass no byte through the cluster", () => {
    expect(text).toContain("the gain is still no larger: 1.20 to 1.40.");
  });

  it("is not told where hot pulls were not measured", () => {
    expect(hotPulls({ ...report, cpu: [] } as unknown as ThroughputReport)).toBe("");
  });
});
