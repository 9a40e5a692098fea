import { join, relative } from "node:path";
import { App, LocalBackend } from "cdktf";
import { registryImage } from "./artifacts/registry-image.ts";
import { buildBundle } from "./bundle/bundle.ts";
import { loadConfigOrExit } from "./config/load.ts";
import { planTopology } from "./config/plan.ts";
import { RegistryClusterStack } from "./stacks/registry-cluster-stack.ts";
import { renderUserData } from "./templates/user-data.ts";

/** Synthesizes the plan of the cluster that the file named by CLUSTER_CONFIG describes. */
const config = loadConfigOrExit(process.env.CLUSTER_CONFIG || "cluster.yml");
const topology = planTopology(config);
const bundle = await buildBundle(topology, registryImage);

// an App makes its folder at once: only now is it sure that there is something to write
const app = new App();
const stack = new RegistryClusterStack(app, config.name, {
  topology,
  bundle,
  registryImage: { sha256: registryImage.archiveSha256, path: registryImage.archivePath() },
  userData: (node) => renderUserData(topology, node),
});
// Terraform runs in the stack's folder; cdktf's own default is an absolute path, another one on every machine
const stackFolder = join(app.outdir, "stacks", config.name);
new LocalBackend(stack, { path: relative(stackFolder, `terraform.${config.name}.tfstate`) });
app.synth();
