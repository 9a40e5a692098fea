import { describe, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import { registries } from "./support.ts";

describe("a registry", () => {
  it.each(registries)("collects its garbage on $name from 60 % of the machine's memory on", async ({ container }) => {
    const run = (script: string) => dockerExec(container, ["bash", "-c", script]);
    const machineKiB = Number(await run("awk '/^MemTotal/ { print $2 }' /proc/meminfo"));
    const environment = await run("tr '\\0' '\\n' < /proc/$(pgrep --exact registry)/environ");
    const [, limitMiB] = /^GOMEMLIMIT=(\d+)MiB$/m.exec(environment) ?? [];
    expect(Number(limitMiB) / (machineKiB / 1024)).toBeCloseTo(0.6, 2);
  });
});
