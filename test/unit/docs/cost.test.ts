import { describe, expect, it } from "vitest";
import type { ClusterConfig } from "../../../config/schema.ts";
import { type Estimate, estimate } from "../../../operate/cost/estimate.ts";
import {
  changeTable,
  chargeTable,
  kindTable,
  readmeChapter,
  sourceTable,
  useTable,
} from "../../../operate/cost/markdown.ts";
import { pricesIn } from "../../../operate/cost/price-table.ts";
import { planOf } from "../lab/support.ts";
import { configWith, exampleConfig, plan } from "../stacks/fixture.ts";
import { doc } from "./support.ts";

const { region } = exampleConfig;
const ofConfig = (config: ClusterConfig): Estimate => estimate(planOf(plan(config).text), pricesIn(region));
const example = ofConfig(exampleConfig);

type Changes = Parameters<typeof configWith>[0];
const changes: Readonly<Record<string, Changes>> = {
  "network.egress: nat-gateway": { network: { egress: "nat-gateway" } },
  "network.egress: none": { network: { egress: "none" } },
  "network.flowLogs: all": { network: { flowLogs: "all" } },
  "network.flowLogs: none": { network: { flowLogs: "none" } },
  "registries.count: 3": { registries: { count: 3 } },
  "proxies.count: 3": { proxies: { count: 3 } },
  "registries.instanceType: t3.small": { registries: { instanceType: "t3.small" } },
  "proxies.instanceType: c7i.large": { proxies: { instanceType: "c7i.large" } },
  "registries.rootVolumeGiB: 50": { registries: { rootVolumeGiB: 50 } },
};
const effects = Object.entries(changes).map(([setting, change]) => ({
  setting,
  estimate: ofConfig(configWith(change)),
}));

/** What stands between `<!-- name: ... -->` and `<!-- /name -->`, by document. `vitest --update` writes it anew. */
const madeParts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "README.md": { cost: readmeChapter(example, region) },
  "docs/cost.md": {
    kinds: kindTable(example),
    resources: chargeTable(example),
    "by-use": useTable(example),
    changes: changeTable(example, effects),
    sources: sourceTable(example),
  },
};

describe.each(Object.entries(madeParts))("what %s says of the cost", (path, parts) => {
  it("is what the plan of cluster.yml and the table of prices say; --update writes it", async () => {
    const { text } = doc(path);
    const made = Object.entries(parts).reduce((all, [name, part]) => withPart(all, name, part), text);
    await expect(made).toMatchFileSnapshot(`../../../${path}`);
  });
});

describe("the cost of the example", () => {
  it("covers the whole plan, and that of every change that the documents name", () => {
    expect([example, ...effects.map((effect) => effect.estimate)].flatMap(({ leftOut }) => leftOut)).toEqual([]);
  });
});

function withPart(text: string, name: string, part: string): string {
  const marked = new RegExp(`(<!-- ${name}: [^\\n]* -->\\n).*?(\\n<!-- /${name} -->)`, "s");
  if (!marked.test(text)) throw new Error(`no part '${name}': write <!-- ${name}: ... --> and <!-- /${name} --> there`);
  return text.replace(marked, (_whole, start: string, end: string) => `${start}${part}${end}`);
}
