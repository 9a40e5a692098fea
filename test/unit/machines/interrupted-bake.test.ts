import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { expect, it } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import { withPath, writeFakeDocker } from "../lab/support.ts";

it("Ctrl-C while an image is baked removes the half-made container", async () => {
  const docker = writeFakeDocker(`case "$*" in
    "image inspect debian"*) ;;
    "image inspect"*) exit 1 ;;
    run*) exec sleep 300 ;;
  esac`);
  const script = join(import.meta.dirname, "interrupted-bake.ts");
  const bake = execa(process.execPath, ["--import", "tsx", script], {
    cwd: checkout,
    env: { PATH: withPath(docker) },
    reject: false,
  });
  while (!docker.calls().some((call) => call.startsWith("run "))) await sleep(50);
  bake.kill("SIGINT");
  expect((await bake).exitCode).toBe(130);
  expect(docker.calls().at(-1)).toBe(`rm --force --volumes registry-cluster-lab-bake-${bake.pid}`);
  expect(docker.calls().filter((call) => call.startsWith("commit "))).toEqual([]);
});
