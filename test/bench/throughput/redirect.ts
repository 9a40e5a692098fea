import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "execa";
import { ports } from "../../../config/ports.ts";
import { dockerExec } from "../../../lab/docker.ts";
import { interrupted } from "../../../operator/interrupt.ts";
import { uninterrupted } from "../../../operator/program.ts";
import type { BenchPlace } from "./machines.ts";

/** Where each registry keeps its real configuration meanwhile: not in /tmp or /run, so that it outlives a reboot. */
const kept = "/var/lib/registry-cluster/bench-config.yml";
const config = "/etc/distribution/config.yml";

/** Lets every registry send clients to S3, as `storage.redirect` would. */
export async function redirectToS3(place: BenchPlace): Promise<void> {
  await onRegistries(
    place,
    `cp --preserve=all ${config} ${kept}
    sed --in-place '/^  redirect:/,/disable:/ s/disable: true/disable: false/' ${config}
    systemctl restart registry`,
  );
  await untilAllServe(place);
}

/** Gives the registries their own configuration back, where it was changed. Goes on after Ctrl-C. */
export async function restoreRedirect(place: BenchPlace): Promise<void> {
  await onRegistries(place, `[ ! -e ${kept} ] || { mv ${kept} ${config}; systemctl restart registry; }`, uninterrupted);
}

async function onRegistries({ registries }: BenchPlace, script: string, options: Options = {}): Promise<void> {
  await Promise.all(registries.map(({ container }) => dockerExec(container, ["sh", "-ec", script], options)));
}

async function untilAllServe({ registries }: BenchPlace): Promise<void> {
  for (const { container, privateIp } of registries) {
    const url = `http://${privateIp}:${ports.registry}/v2/`;
    const retry = ["--retry", "30", "--retry-delay", "1", "--retry-connrefused"];
    await dockerExec(container, ["curl", "--silent", "--show-error", ...retry, "--output", "/dev/null", url]);
  }
  // So long do proxies leave a registry out that refused a connection.
  await sleep(6_000, undefined, { signal: interrupted });
}
