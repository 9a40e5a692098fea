import type { ClusterConfig } from "../../../config/schema.ts";
import { type Estimate, estimate } from "../../../operate/cost/estimate.ts";
import {
  changeTable,
  chargeTable,
  kindTable,
  readmeParagraph,
  sourceTable,
  useTable,
} from "../../../operate/cost/markdown.ts";
import { pricesIn } from "../../../operate/cost/price-table.ts";
import { planOf } from "../lab/support.ts";
import { configWith, exampleConfig, plan } from "../stacks/fixture.ts";

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
/** The estimate of each change of the config that the documents name. */
const effects = Object.entries(changes).map(([setting, change]) => ({
  setting,
  estimate: ofConfig(configWith(change)),
}));

/** Every estimate that the documents show. */
export const shownEstimates: readonly Estimate[] = [example, ...effects.map((effect) => effect.estimate)];

/** What README.md says of the cost. */
export const readmeCost: Readonly<Record<string, string>> = { cost: readmeParagraph(example, region) };

/** The tables of docs/cost.md. */
export const costTables: Readonly<Record<string, string>> = {
  kinds: kindTable(example),
  resources: chargeTable(example),
  "by-use": useTable(example),
  changes: changeTable(example, effects),
  sources: sourceTable(example),
};
