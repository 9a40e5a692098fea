import { setTimeout as sleep } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import type { Command } from "commander";
import { connectionToAws } from "../../access/aws-connection.ts";
import { interrupted } from "../../common/interrupt.ts";
import { loadConfig } from "../../config/load.ts";
import { clientsOf } from "../../lab/account/machine.ts";
import { stateOf } from "../../lab/state.ts";
import { type Control, judgeRollout, type Rollout } from "../../operate/rollout/judgement.ts";
import { RolloutStore } from "../../operate/rollout/rollout-store.ts";
import { planTopology } from "../../topology/plan-topology.ts";
import { exitCodes } from "../exit-codes.ts";
import { say, sayJson } from "../output.ts";
import { formatRollout } from "../rollout-table.ts";

interface StatusOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const watchEveryMs = 5_000;

export function registerRollout(program: Command): void {
  const rollout = program
    .command("rollout")
    .description("how a new bundle reaches the nodes, one after the other; it stops at the first that does not work")
    .option("--lab", "of the cluster on this machine instead of the one on AWS");
  const topology = () => planTopology(loadConfig(program.opts<{ config: string }>().config));

  const store = (): RolloutStore => {
    const { config, provisioningBucket } = topology();
    const { name, region } = config;
    if (!rollout.opts<{ lab?: boolean }>().lab) {
      const client = new S3Client({ region, requestHandler: connectionToAws(region) });
      return new RolloutStore(client, provisioningBucket, region);
    }
    return new RolloutStore(clientsOf(stateOf(name)).objects, provisioningBucket, region);
  };

  const change = async (wanted: Control) => {
    const bucket = store();
    await bucket.writeControl({ ...(await bucket.control()), ...wanted });
  };

  const status = async (): Promise<Rollout> => {
    const nodes = topology().nodes.map(({ name }) => name);
    return judgeRollout({ nodes, ...(await store().read()) }, new Date());
  };

  rollout
    .command("status")
    .description("which bundle each node runs, and what the rollout waits for; exits with 1 if it has stopped")
    .option("--watch", "show each change, until every node runs the current bundle or the rollout has stopped")
    .option("--json", "for scripts; with --watch, one object for each change")
    .action(async ({ json, watch }: StatusOptions) => {
      const show = (found: Rollout) => (json ? sayJson(found) : say(formatRollout(found)));
      let found = await status();
      show(found);
      while (watch && found.state !== "done" && found.state !== "stopped") {
        await sleep(watchEveryMs, undefined, { signal: interrupted });
        const last = found;
        found = await status();
        if (JSON.stringify(found) !== JSON.stringify(last)) show(found);
      }
      process.exitCode = found.state === "stopped" ? exitCodes.failed : exitCodes.ok;
    });

  rollout
    .command("pause")
    .description("no further node applies a new bundle; nodes that boot for the first time do")
    .action(async () => {
      await change({ paused: true });
      say("paused: each node keeps the bundle that it has");
    });

  rollout
    .command("resume")
    .description("undo pause")
    .action(async () => {
      await change({ paused: false });
      say("resumed: nodes apply the current bundle in their turns");
    });

  rollout
    .command("retry")
    .description("try a bundle again that failed: failures until now no longer count")
    .action(async () => {
      await change({ retriedAt: new Date() });
      say("nodes try the current bundle again in their turns");
    });
}
