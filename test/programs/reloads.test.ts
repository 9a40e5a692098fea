import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { checkout } from "../../common/checkout.ts";
import { useChain } from "./chain/use-chain.ts";
import { temporaryFolder, write } from "./files.ts";
import { suiteWith } from "./program.ts";

const { title, skip } = suiteWith("a reload of nginx", { haproxy: "haproxy", nginx: "nginx", openssl: "openssl" });

describe("a reload", () => {
  const script = join(checkout, "salt", "nginx", "files", "gentle-reload");

  /** Reloads a program with this many generations of processes. @returns the calls of it and of systemd */
  async function reload(generations: number): Promise<string> {
    const folder = temporaryFolder();
    const calls = join(folder, "calls");
    for (const name of ["systemctl", "systemd-run"]) {
      // No timer is active yet.
      write(join(folder, name), `#!/bin/sh\necho ${name} "$@" >> ${calls}\ntest ${name} = systemd-run\n`, 0o755);
    }
    const start = `trap 'echo reloaded >> ${calls}' HUP; for i in $(seq ${generations}); do sleep 60 & sleep 1.1; done; while :; do sleep 0.1 < /dev/null; done`;
    const main = execa("bash", ["-c", start], { reject: false, stdio: "ignore" });
    await sleep(generations * 1_100 + 1_000);
    const env = { MAINPID: String(main.pid), PATH: `${folder}:${process.env.PATH}` };
    await execa("bash", [script, "haproxy", "HUP"], { env });
    await sleep(1_000);
    await execa("pkill", ["-P", String(main.pid)]);
    main.kill("SIGKILL");
    await main;
    return readFileSync(calls, "utf8");
  }

  it("happens while two old generations still serve transfers", async () => {
    // The program's own short sleep is one more.
    expect(await reload(2)).toBe("reloaded\n");
  });

  it("comes later while there are three, so that they cannot take all memory", async () => {
    expect(await reload(4)).toBe(
      "systemctl --quiet is-active haproxy-reload.timer\n" +
        "systemd-run --quiet --collect --unit haproxy-reload --on-active 5min systemctl reload haproxy\n",
    );
  });
});

describe.skipIf(skip)(title, () => {
  const chain = useChain();

  it("loses no request of clients that keep their connections", async () => {
    let isDone = false;
    let answered = 0;
    const failures: unknown[] = [];
    const keepPosting = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (!isDone) {
        try {
          // A request that stores nothing, but that nothing retries.
          const { status } = await chain().ask("POST", "/v2/", { agent });
          if (status < 500) answered += 1;
          else failures.push(status);
        } catch (error) {
          failures.push(String(error));
        }
        // While nginx closes connections, each answer needs a new one: stay below the limit for one address.
        await sleep(50);
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 8 }, keepPosting);
    for (let i = 0; i < 5; i++) await chain().reloadNginxGently();
    isDone = true;
    await Promise.all(clients);
    expect(answered).toBeGreaterThan(100);
    expect(failures).toEqual([]);
  });
});
