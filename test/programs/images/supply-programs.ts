import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { buildGoProgram } from "../../../artifacts/go-program.ts";
import { registryImage } from "../../../artifacts/registry-image.ts";
import { until } from "../../lab/until.ts";

/** Programs that are in no package of Debian 12, built once per machine: takes minutes. */
const { goVersion } = registryImage;
const buildkitd = { packagePath: "github.com/moby/buildkit/cmd/buildkitd", version: "v0.34.2", goVersion };
const buildx = { packagePath: "github.com/docker/buildx/cmd/buildx", version: "v0.38.2", goVersion };
const cosign = { packagePath: "github.com/sigstore/cosign/v3/cmd/cosign", version: "v3.1.3", goVersion };

/** A running BuildKit, and the environment in which Docker's client finds it. */
export interface TestBuildkit {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** @param logins a folder with a config.json, which becomes that of Docker's client */
export async function startBuildkit(folder: string, logins: string): Promise<TestBuildkit> {
  const socket = join(folder, "buildkit.sock");
  const options = ["--addr", `unix://${socket}`, "--root", join(folder, "buildkit")];
  const worker = ["--oci-worker-net", "host", "--oci-worker-snapshotter", "native"];
  const daemon = execa(await buildGoProgram(buildkitd), [...options, ...worker], { reject: false, stdio: "ignore" });
  mkdirSync(join(logins, "cli-plugins"), { recursive: true });
  symlinkSync(await buildGoProgram(buildx), join(logins, "cli-plugins", "docker-buildx"));
  const env = { DOCKER_CONFIG: logins, BUILDX_CONFIG: join(folder, "buildx") };
  await execa("docker", ["buildx", "create", "--name", "test", "--driver", "remote", "--use", `unix://${socket}`], {
    env,
  });
  const isRunning = async () =>
    /^Status: +running$/m.test((await execa("docker", ["buildx", "inspect"], { env, reject: false })).stdout);
  await until(isRunning, 20_000, "BuildKit runs");
  return {
    env,
    async stop() {
      daemon.kill();
      await daemon;
    },
  };
}

/** @returns the path of cosign. */
export const cosignProgram = () => buildGoProgram(cosign);
