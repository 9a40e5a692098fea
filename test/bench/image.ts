import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { checkout } from "../../common/checkout.ts";
import { until } from "../lab/until.ts";
import { buildPrograms } from "../programs/chain/programs.ts";
import { write } from "../programs/files.ts";
import { startGitHttp, TestRepository } from "../programs/images/git-server.ts";
import { startRegistry } from "../programs/images/registry.ts";
import { freePort } from "../programs/moto.ts";
import { type Comparison, compare } from "./timing.ts";

const secret = "secret-of-the-webhook";

/**
 * Time from pushing a tag until its image can be pulled, through a watch with a webhook; compared to clone, build and push of the same
 * commit by hand. (Without webhooks, a watch takes its poll interval longer.) Programs and image are the same: 64 MiB.
 */
export async function benchImage(): Promise<Comparison> {
  await buildPrograms();
  const folder = mkdtempSync(join(tmpdir(), "bench-image-"));
  const registry = await startRegistry(folder);
  const git = await startGitHttp(folder);
  const port = await freePort();
  const repository = new TestRepository(folder, "app");
  const url = `${git.url}/app.git`;
  const config = {
    ...{ image: `${registry.host}/{name}`, pollInterval: "24h", listen: `127.0.0.1:${port}` },
    webhookSecretFile: write(join(folder, "secret"), secret),
    repositories: { app: { url, tags: "v*" } },
  };
  const args = ["image", "watch", "--config", write(join(folder, "builds.yml"), JSON.stringify(config))];
  const env = { DOCKER_CONFIG: registry.logins };
  const options = { cwd: checkout, env, reject: false, stdout: "ignore" } as const;
  const watch = execa("node", ["cli/bin.js", ...args, "--builder", "buildah"], options);
  const isThere = async (image: string) => (await registry.ask(image)).status === 200;

  let round = 0;
  const nextTag = async () => {
    round++;
    const Dockerfile = "FROM scratch\nCOPY . /\n";
    repository.commit({ Dockerfile, "data.bin": randomBytes(24 * 1024 ** 2).toString("base64url") });
  };
  try {
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    const ended = watch.then(({ stderr }) => Promise.reject(new Error(`the watch ended: ${stderr}`)));
    await Promise.race([until(answers, 20_000, "the watch answers"), ended]);
    return await compare(
      "image of a tag",
      {
        name: "image watch",
        before: nextTag,
        async run() {
          repository.tag(`v${round}`);
          const signature = createHmac("sha256", secret).update("{}").digest("hex");
          const headers = { "x-hub-signature-256": `sha256=${signature}` };
          await fetch(`http://127.0.0.1:${port}/hooks/app`, { method: "POST", body: "{}", headers });
          while (!(await isThere(`app/manifests/v${round}`))) await sleep(10);
        },
      },
      {
        name: "clone, build, push",
        before: async () => rmSync(join(folder, "clone"), { recursive: true, force: true }),
        async run() {
          const tag = `v${round}`;
          const authFile = join(registry.logins, "config.json");
          const image = `${registry.host}/by-hand:${tag}`;
          await execa("git", ["clone", "--quiet", "--depth", "1", "--branch", tag, url, join(folder, "clone")]);
          await execa("buildah", ["build", "--quiet", "--tag", image, join(folder, "clone")]);
          await execa("buildah", ["push", "--quiet", "--authfile", authFile, "--tls-verify=false", image]);
          await execa("buildah", ["rmi", image]);
        },
      },
      7,
    );
  } finally {
    watch.kill();
    await Promise.all([watch, git.stop(), registry.stop()]);
    rmSync(folder, { recursive: true });
  }
}
