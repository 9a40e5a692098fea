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
const bundle = await buildBundle(topology);

// an App makes its folder at once: only now is it sure that there is something to write
const app = new App();
const stackDirectory = join(app.outdir, "stacks", config.name);
/** Terraform runs in the stack's directory; relative paths keep the plan the same on every machine. */
const fromStack = (path: string) => relative(stackDirectory, path);

const stack = new RegistryClusterStack(app, config.name, {
  topology,
  bundle,
  registryImage: { sha256: registryImage.archiveSha256, path: fromStack(registryImage.archivePath()) },
  userData: (node) => renderUserData(topology, node),
});
new LocalBackend(stack, { path: fromStack(`terraform.${config.name}.tfstate`) });
app.synth();
