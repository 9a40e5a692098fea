import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { temporaryFolder, write } from "./files.ts";

const guard = join(import.meta.dirname, "..", "..", "salt", "nginx", "files", "disk-guard");

describe("the disk guard", () => {
  it("raises its flag while too little is free, lowers it afterwards, and says both once", async () => {
    const folder = temporaryFolder();
    const flag = join(folder, "flag");
    const freeMib = (mib: number) => write(join(folder, "free"), `Avail\n${mib}\n`);
    mkdirSync(join(folder, "bin"));
    write(join(folder, "bin", "df"), `#!/bin/sh\ncat ${join(folder, "free")}\n`, 0o755);

    freeMib(767);
    const env = { PATH: join(folder, "bin") + delimiter + process.env.PATH };
    const running = execa("bash", [guard, folder, "768", flag], { env, all: true, reject: false });
    await until(() => existsSync(flag));
    await sleep(2500);
    freeMib(768);
    await until(() => !existsSync(flag));
    running.kill();
    expect((await running).all).toBe(
      "only 767 MiB are free: no more blobs are kept\n768 MiB are free: blobs are kept again",
    );
  });
});

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(50)) if (isSo()) return;
  throw new Error("not so within 10 s");
}
