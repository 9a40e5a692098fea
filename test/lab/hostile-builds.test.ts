import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import { lab } from "./support.ts";

const builder = lab.nodes.find(({ role }) => role === "builder");
const title = builder
  ? "a hostile Dockerfile on the builder"
  : "a hostile Dockerfile on the builder (skipped: the lab that is up has none; npm stop, then run the tests again)";

/** What a build must never see, wherever it lies on the node. */
const secret = "a-secret-of-the-node";

describe.skipIf(!builder)(title, () => {
  const onBuilder = (script: string) => dockerExec(builder!.container, ["bash", "-euc", script]);

  beforeAll(async () => {
    // A root file system of its own for RUN: nodes of a lab reach no registry that has base images.
    await onBuilder(`rm -rf /srv/hostile && mkdir -p /srv/hostile/root/bin /srv/hostile/root/lib64 && cd /srv/hostile/root
      for program in dash ls cat id chroot sleep mkdir ln nsenter mount curl; do
        cp $(command -v $program) bin
        ldd bin/$program | grep -o '/[^ ]*' | xargs -I{} cp --parents --dereference {} .
      done
      mv bin/dash bin/sh
      install -d -o image-watch /srv/hostile/context
      cp -r . /srv/hostile/context/root`);
    await onBuilder(`for file in /etc/image-watch/probe /var/lib/image-watch/probe /var/tmp/probe /tmp/probe /srv/probe; do
        echo ${secret} > $file; chmod 0644 $file
      done`);
  });
  afterAll(() =>
    onBuilder(
      "rm -rf /srv/hostile /srv/probe /var/tmp/probe /tmp/probe /etc/image-watch/probe /var/lib/image-watch/probe",
    ),
  );

  /** Builds with a daemon of a slot, as the watch does. @returns all that was printed, and how it ended */
  async function build(steps: string, slot = 1, name = "one"): Promise<string> {
    await onBuilder(`install -d -o image-watch /srv/hostile/${name} && cat > /srv/hostile/${name}/Dockerfile <<'END'
FROM scratch AS base
COPY root /
${steps}
END`);
    return onBuilder(`cd /; code=0; runuser --user image-watch -- env DOCKER_CONFIG=/nonexistent timeout 60 \
      buildctl --addr unix:///run/image-build/${slot}.sock --timeout 60 build --progress plain --frontend dockerfile.v0 \
      --local context=/srv/hostile/context --local dockerfile=/srv/hostile/${name} --no-cache 2>&1 || code=$?
echo "ended with $code"`);
  }
  const run = (command: string) => `RUN ${command.replaceAll(/(?<!do)\n/g, "; ").replaceAll("\n", " ")}; true`;
  const succeeded = /ended with 0$/;

  it("can build at all", async () => {
    expect(await build(run("echo hello-from-run; id"))).toMatch(/hello-from-run[\s\S]*uid=0[\s\S]*ended with 0$/);
  });

  it("reads no file of the node, by any way out of its root", async () => {
    const ways = run(`mkdir -p /jail
chroot /jail /bin/sh -c true
ls /proc/1/root /proc/1/cwd
for p in /etc/image-watch /var/lib/image-watch /var/tmp /tmp /srv; do
cat $p/probe ../../../../../..$p/probe /proc/1/root$p/probe /proc/1/root/../../..$p/probe
done`);
    const output = await build(ways);
    expect(output).toMatch(succeeded);
    expect(output).not.toContain(secret);
  });

  it("mounts nothing of the node, through a link that an earlier stage has made or an odd name of a cache", async () => {
    const output = await build(`FROM base AS planted
RUN ln -s / /rootlink; ln -s /proc/1/root /proclink
FROM base AS link
RUN --mount=type=bind,from=planted,source=/rootlink,target=/host,rw ls /host; for p in /etc/image-watch /var/tmp /srv; do cat /host$p/probe; echo changed > /host$p/probe; done; true
FROM base
COPY --from=link /bin/sh /copied
RUN --mount=type=cache,id=../../../../../../../..,target=/cache ls /cache; for p in /etc/image-watch /var/tmp /srv; do cat /cache$p/probe; done; true`);
    expect(output).not.toContain(secret);
    expect(await onBuilder("cat /etc/image-watch/probe /var/tmp/probe /srv/probe")).toBe(
      [secret, secret, secret].join("\n"),
    );
  });

  it("gets no role from the metadata service, and reaches nothing that listens on the node itself", async () => {
    const output = await build(
      run(`for place in 169.254.169.254:80 127.0.0.1:9180 10.0.2.2:9180 ${builder!.privateIp}:22; do
curl --silent --max-time 3 --output /dev/null --write-out "$place: %{time_connect} s." http://$place/
done`),
    );
    expect(output).toMatch(succeeded);
    const connected = [...output.matchAll(/(\S+:\d+): ([\d.]+) s\./g)].map(([, place, seconds]) => [
      place,
      Number(seconds),
    ]);
    expect(connected).toEqual([
      ["169.254.169.254:80", 0],
      ["127.0.0.1:9180", 0],
      ["10.0.2.2:9180", 0],
      [`${builder!.privateIp}:22`, 0],
    ]);
  }, 60_000);

  it("sees no process of the node, and cannot kill the watch", async () => {
    const before = await onBuilder("systemctl show --property MainPID --value image-watch");
    const output = await build(run("ls -d /proc/[0-9]*; kill -9 -1; true"));
    expect(output.match(/\/proc\/\d+/g)?.length).toBeLessThanOrEqual(6);
    expect(await onBuilder("systemctl show --property MainPID --value image-watch")).toBe(before);
  });

  it("leaves no process and no file behind", async () => {
    await build(run("(sleep 987654 &) ; (trap '' TERM HUP; sleep 987654 &); echo started"));
    const left = () =>
      onBuilder(
        "ps -e -o user=,args= | grep -E '^image-build|[s]leep 987654' || true; ls -d /var/tmp/systemd-private-*image-build* 2> /dev/null || true",
      );
    for (let i = 0; i < 20 && (await left()) !== ""; i++) await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await left()).toBe("");
  }, 60_000);

  it("sees nothing of a build in another slot, nor of one before it in its own", async () => {
    const writing = build(
      `RUN --mount=type=cache,id=shared,target=/cache echo ${secret} > /cache/planted; echo ${secret} > /planted; sleep 8`,
      2,
      "two",
    );
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const look =
      "RUN --mount=type=cache,id=shared,target=/cache cat /cache/planted /planted || true; ls -R /var /tmp || true";
    expect(await build(look)).not.toContain(secret);
    expect(await writing).toMatch(succeeded);
    expect(await build(look, 2)).not.toContain(secret);
  }, 60_000);

  it("may change what it likes within a build, which ends with it", async () => {
    expect(await build(run("cat /dev/zero > /fill & sleep 1; kill %1; true"))).toContain("ended with 0");
    expect(await onBuilder("df --output=pcent /var/tmp | tail -1")).not.toMatch(/100%/);
  }, 60_000);

  it("can neither become another user of the node nor enter its namespaces", async () => {
    const output = await build(
      run(
        "nsenter --target 1 --mount ls /etc/image-watch; nsenter --net=/proc/1/ns/net true && echo same-network; mount -t proc proc /proc && echo mounted",
      ),
    );
    expect(output).not.toContain("builds.yml");
    expect(output).not.toContain("mounted\n");
  });
});
