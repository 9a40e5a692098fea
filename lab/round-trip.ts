import type { Options } from "execa";
import { registryImage } from "../artifacts/registry-image.ts";
import { OperatorError } from "../common/errors.ts";
import { uninterrupted } from "../common/program.ts";
import { withTemporaryFolder } from "../common/temporary-folder.ts";
import { docker } from "../machines/docker/docker.ts";
import { operatorLogin } from "./account/machine.ts";
import type { LabState } from "./state.ts";

/**
 * Logs in with the real Docker client, pushes a real image through the Elastic IP, pulls it again, and compares the two.
 * The user's own Docker logins are left alone.
 */
export function pushAndPull(state: LabState, onProgress: (text: string) => void): Promise<void> {
  return withTemporaryFolder("login", (ownConfig) => pushAndPullWith(ownConfig, state, onProgress));
}

async function pushAndPullWith(ownConfig: string, state: LabState, onProgress: (text: string) => void): Promise<void> {
  const address = `127.0.0.1:${state.ports.https}`;
  const image = `${address}/hello/registry:${registryImage.version}`;
  const { user, password } = await operatorLogin(state);
  const client = (args: readonly string[], options: Options = {}) => docker(["--config", ownConfig, ...args], options);
  // The meaning of an image's id depends on the engine's store, so compare it only with ids of the same engine.
  const idOf = (reference: string) => client(["image", "inspect", "--format", "{{.Id}}", reference]);
  try {
    onProgress("docker login");
    await client(["login", "--username", user, "--password-stdin", address], { input: password });
    onProgress(`docker push ${image}`);
    await client(["load", "--input", registryImage.archivePath()]);
    await client(["tag", registryImage.reference, image]);
    const pushed = await idOf(image);
    await client(["push", "--quiet", image]);
    onProgress(`docker pull ${image}`);
    await client(["rmi", "--force", image, registryImage.reference]);
    await client(["pull", "--quiet", image]);
    const pulled = await idOf(image);
    if (pulled !== pushed) {
      throw new OperatorError("the pulled image differs from the pushed one", {
        cause: `pushed ${pushed}, pulled ${pulled}`,
        fix: "see the registry's log: npx registry-cluster lab logs registry-1",
      });
    }
  } finally {
    await client(["rmi", "--force", image, registryImage.reference], uninterrupted).catch(() => "");
  }
}
