import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registryImage } from "../artifacts/registry-image.ts";
import { operatorLogin } from "./aws/machine.ts";
import { docker } from "./docker.ts";
import { LabError } from "./errors.ts";
import type { LabState } from "./state.ts";

/**
 * Logs in with the real Docker client, pushes a real image through the Elastic IP, pulls it again, and compares what came back.
 * The user's own Docker logins are left alone.
 */
export async function pushAndPull(state: LabState, onProgress: (text: string) => void): Promise<void> {
  const address = `127.0.0.1:${state.ports.https}`;
  const image = `${address}/hello/registry:${registryImage.version}`;
  const { user, password } = await operatorLogin(state);
  const ownConfig = await mkdtemp(join(tmpdir(), "registry-cluster-login-"));
  const client = (args: readonly string[], input?: string) => docker(["--config", ownConfig, ...args], { input });
  try {
    onProgress("docker login");
    await client(["login", "--username", user, "--password-stdin", address], password);
    onProgress(`docker push ${image}`);
    await client(["load", "--input", registryImage.archivePath()]);
    await client(["tag", registryImage.imageId, image]);
    await client(["push", "--quiet", image]);
    onProgress(`docker pull ${image}`);
    await client(["rmi", image]);
    await client(["rmi", "--force", registryImage.imageId]);
    await client(["pull", "--quiet", image]);
    const pulled = await client(["image", "inspect", "--format", "{{.Id}}", image]);
    if (pulled !== registryImage.imageId) {
      throw new LabError("the image that came back is another one", {
        cause: `pushed ${registryImage.imageId}, pulled ${pulled}`,
      });
    }
    await client(["rmi", image]);
  } finally {
    await rm(ownConfig, { recursive: true, force: true });
  }
}
