import "./common/startup-checks.js";

import { App } from "cdktf";
import { buildkit } from "./artifacts/buildkit.ts";
import { registryImage } from "./artifacts/registry-image.ts";
import { buildBundle } from "./bundle/bundle.ts";
import { reportFailure } from "./cli/run.ts";
import { loadClusters } from "./config/load-clusters.ts";
import { placeProviderLock } from "./stacks/provider-lock.ts";
import { RegistryClusterStack } from "./stacks/registry-cluster-stack.ts";
import { configureBackend, stackFolder } from "./stacks/state-backend.ts";
import { renderUserData } from "./templates/user-data.ts";
import { planTopology } from "./topology/plan-topology.ts";

await reportFailure(synthesize);

/** Synthesizes the plan of every cluster that CLUSTER_CONFIG names: one file, or all files of a folder. */
async function synthesize(): Promise<void> {
  const clusters = await Promise.all(
    loadClusters(process.env.CLUSTER_CONFIG || "cluster.yml").map(async ({ config, builds }) => {
      const topology = planTopology(config);
      return { config, topology, bundle: await buildBundle(topology, { registryImage, buildkit, builds }) };
    }),
  );

  // an App creates its folder at once, so make one only after every config has proved valid
  const app = new App();
  for (const { config, topology, bundle } of clusters) {
    const stack = new RegistryClusterStack(app, config.name, {
      topology,
      bundle,
      registryImage: { sha256: registryImage.archiveSha256, path: registryImage.archivePath() },
      buildkit: { sha256: buildkit.archiveSha256, path: buildkit.archivePath() },
      userData: (node) => renderUserData(topology, node),
    });
    configureBackend(stack, config, app.outdir);
  }
  app.synth();
  for (const { config } of clusters) placeProviderLock(stackFolder(app.outdir, config.name));
}
