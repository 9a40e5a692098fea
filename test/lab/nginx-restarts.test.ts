import { afterAll, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import { call, holder, proxies, untilHealthy } from "./support.ts";
import { until } from "./until.ts";

afterAll(untilHealthy);

it("an nginx that is stopped on purpose serves on until the address has moved: no request fails", async () => {
  const leaving = await holder();
  const stopped = dockerExec(leaving.container, ["systemctl", "stop", "nginx"]);
  const statuses: number[] = [];
  const failures: unknown[] = [];
  let done = false;
  stopped.finally(() => {
    done = true;
  });
  while (!done) {
    // What was under way when the address moved may break, once: its connection belongs to the old holder.
    const answer = await call("GET", "/v2/").catch((error: unknown) => failures.push(error) && undefined);
    if (answer) statuses.push(answer.status);
  }
  await dockerExec(leaving.container, ["systemctl", "start", "nginx"]);
  expect((await holder()).name).not.toBe(leaving.name);
  expect(statuses.length).toBeGreaterThan(20);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(failures.length).toBeLessThanOrEqual(1);
  await untilHealthy();
});

it("one that crashed is back before keepalived gives the address away", async () => {
  const crashed = await holder();
  await settled(crashed.container);
  await dockerExec(crashed.container, ["pkill", "-KILL", "nginx"]);
  await untilHealthy();
  expect((await holder()).name).toBe(crashed.name);
});

it("one that crashes again and again gives the address to the other proxy", async () => {
  const crashing = await holder();
  await dockerExec(crashing.container, ["bash", "-c", "for i in {1..40}; do pkill -KILL nginx; sleep 0.2; done"]).catch(
    () => "the last one may find none to kill",
  );
  const other = proxies.find((proxy) => proxy.name !== crashing.name)!;
  await until(async () => (await holder()).name === other.name, 10_000, "the address is at the other proxy");
  await untilHealthy();
});

/** Waits until its start is so long ago that a crash is the first one. */
async function settled(container: string): Promise<void> {
  const startedLately = ["sh", "-c", "find /run/nginx-leaving -newermt '-10 sec'"];
  await until(async () => (await dockerExec(container, startedLately)) === "", 20_000, "nginx has run for a while");
}
