import { beforeAll, describe, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import { testRepository } from "./config.ts";
import { call, lab } from "./support.ts";
import { until } from "./until.ts";

const builder = lab.nodes.find(({ role }) => role === "builder");
const title = builder
  ? "the builder"
  : "the builder (skipped: the lab that is up has none; npm stop, then run the tests again)";

describe.skipIf(!builder)(title, () => {
  const onBuilder = (script: string) => dockerExec(builder!.container, ["sh", "-euc", script]);
  /** As the owner of the repository, in a clone of it. */
  const git = (command: string) =>
    onBuilder(
      `cd /srv/git/work && runuser --user image-watch -- git -c user.name=test -c user.email=test@example.com ${command}`,
    );
  let commit: string;

  beforeAll(async () => {
    await onBuilder(`rm -rf /srv/git && install -d -o image-watch /srv/git && cd /srv/git
      runuser --user image-watch -- git init --quiet --bare --initial-branch=main ${testRepository}
      runuser --user image-watch -- git clone --quiet ${testRepository} work`);
    // With a shell of its own to RUN: nodes of a lab reach no registry that has base images.
    await onBuilder(`cd /srv/git/work && mkdir bin lib64 && cp /bin/dash bin/sh && cp /lib64/ld-linux-x86-64.so.2 lib64
      mkdir --parents lib/x86_64-linux-gnu && cp /lib/x86_64-linux-gnu/libc.so.6 lib/x86_64-linux-gnu
      printf 'FROM scratch\nCOPY . /\nRUN echo made > /made\n' > Dockerfile; chown --recursive image-watch .`);
    await git("add --all");
    await git("commit --quiet --message=first");
    await git("push --quiet origin HEAD:main");
    commit = await git("rev-parse HEAD");
    // It may have found no repository so often that it asks again in many minutes only.
    await onBuilder("systemctl restart image-watch");
  });

  it("makes an image of a tag that is pushed, which the registry serves at its Elastic IP", async () => {
    await git("tag v1");
    await git("push --quiet origin v1");
    await until(async () => (await manifest("v1")).status === 200, 60_000, "the image is there");
    const { config } = JSON.parse(String((await manifest("v1")).body));
    const image = JSON.parse(String((await call("GET", `/v2/apps/app/blobs/${config.digest}`)).body));
    expect(image.config.Labels["org.opencontainers.image.revision"]).toBe(commit);
  }, 90_000);

  it("watches as a user of its own, who is not root", async () => {
    expect(await onBuilder("ps -o user= -p $(systemctl show --property MainPID --value image-watch)")).toBe(
      "image-watch",
    );
  });

  it("finds the registry inside of the VPC", async () => {
    const addresses = await onBuilder(`getent ahostsv4 ${lab.domainName} | cut -d' ' -f1 | sort -u`);
    const proxies = lab.nodes.filter(({ role }) => role === "proxy").map(({ privateIp }) => privateIp);
    expect(addresses.split("\n").sort()).toEqual(proxies.sort());
  });

  it("goes on after a restart without building anything again", async () => {
    const before = await manifest("v1");
    await onBuilder("systemctl restart image-watch");
    await until(async () => (await statusOf()).done === 1, 60_000, "it knows of the image");
    expect((await manifest("v1")).headers["docker-content-digest"]).toBe(before.headers["docker-content-digest"]);
  }, 90_000);

  const accept = { accept: "application/vnd.oci.image.manifest.v1+json" };
  const manifest = (tag: string) => call("GET", `/v2/apps/app/manifests/${tag}`, undefined, accept);
  const statusOf = async () => {
    const answer = await onBuilder("curl --fail --silent http://127.0.0.1:9180/status || echo '[{}]'");
    return (JSON.parse(answer) as { done?: number }[])[0]!;
  };
});
