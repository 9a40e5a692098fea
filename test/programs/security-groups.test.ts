import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { readPlan } from "../../lab/plan.ts";
import { packetRules } from "../../lab/security-groups.ts";
import { plan as exampleCluster } from "../unit/stack/fixture.ts";
import { temporaryFolder, write } from "./files.ts";
import { suiteWith } from "./program.ts";

const isRoot = process.getuid?.() === 0;
const suite = suiteWith("the lab's packet rules", { nft: "nftables" });
const title = isRoot ? suite.title : `${suite.title} (skipped: nft checks rules for root only; run the tests as root)`;

describe.skipIf(suite.skip || !isRoot)(title, () => {
  it.each(["bastion", "registry-1", "proxy-1"])("are rules that nft takes, on %s", async (node) => {
    const plan = readPlan(write(join(temporaryFolder(), "cdk.tf.json"), exampleCluster().text));
    const known = new Map(plan.resources.map(({ address }) => [address, { id: address }]));
    const addresses = { aws: "10.80.0.2", internetCidr: "10.81.0.0/24" };
    const rules = packetRules(plan, known, `aws_instance.${node}`, addresses);
    const { exitCode, stderr } = await execa("nft", ["--check", "--file", "-"], { input: rules, reject: false });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });
});
