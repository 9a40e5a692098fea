import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { registryProgram } from "../../artifacts/build-registry-image.ts";
import { cachedProgramPath } from "../../artifacts/go-program.ts";
import { registryImage } from "../../artifacts/registry-image.ts";
import { exampleTree, fileOf } from "../unit/templates/example.ts";
import { buildPrograms, untilListening } from "./chain/programs.ts";
import { temporaryFolder, write } from "./files.ts";
import { freePort } from "./moto.ts";

const registry = cachedProgramPath(registryProgram(registryImage));

describe("the registry", () => {
  beforeAll(buildPrograms, 900_000);

  const config = fileOf(exampleTree(), "registry-1", "/etc/distribution/config.yml");

  /** Starts the registry on the loopback interface, without asking its storage. @returns what it logged until it listened or ended */
  async function start(text: string, debugPort = 0, whileItRuns = async () => {}): Promise<string> {
    const folder = temporaryFolder();
    const htpasswd = write(join(folder, "htpasswd"), "");
    const file = write(join(folder, "config.yml"), text.replace("/etc/distribution/htpasswd", htpasswd));
    const process = execa(registry, ["serve", file], {
      reject: false,
      all: true,
      timeout: 30_000,
      env: {
        REGISTRY_HTTP_ADDR: "127.0.0.1:0",
        REGISTRY_HTTP_DEBUG_ADDR: `127.0.0.1:${debugPort}`,
        REGISTRY_HTTP_SECRET: "any",
        REGISTRY_HEALTH_STORAGEDRIVER_ENABLED: "false",
        OTEL_TRACES_EXPORTER: "none",
      },
    });
    const lines: string[] = [];
    for await (const line of process.iterable({ from: "all" })) {
      lines.push(String(line));
      if (!String(line).includes("listening on 127")) continue;
      await whileItRuns();
      process.kill();
    }
    return lines.join("\n");
  }

  it("starts with the rendered config", async () => {
    expect(await start(config)).toContain("listening on 127.0.0.1");
  });

  it.each(["ap-southeast-7", "mx-central-1", "xx-future-9"])(
    "starts in a region that is newer than its AWS SDK: %s",
    async (region) => {
      const config = fileOf(
        exampleTree(() => ({ region })),
        "registry-1",
        "/etc/distribution/config.yml",
      );
      expect(await start(config.replace(/regionendpoint: .*/, ""))).toContain("invalid region provided");
      expect(await start(config)).toContain("listening on 127.0.0.1");
    },
  );

  it("uses no cache, and the users and the redirection that the config names", async () => {
    const log = await start(config);
    expect(log).not.toContain("blob descriptor cache");
    expect(log).not.toContain("backend redirection disabled");
    expect(log).not.toContain("No HTTP secret provided");
  });

  it("shows its metrics and its health on the debug port, and nothing else", async () => {
    const port = await freePort();
    const statuses: Record<string, number> = {};
    await start(config, port, async () => {
      await untilListening(port);
      for (const path of ["/metrics", "/debug/health", "/debug/vars", "/debug/pprof/", "/debug/pprof/heap", "/"]) {
        statuses[path] = (await fetch(`http://127.0.0.1:${port}${path}`)).status;
      }
    });
    expect(statuses).toEqual({
      ...{ "/metrics": 200, "/debug/health": 200 },
      ...{ "/debug/vars": 404, "/debug/pprof/": 404, "/debug/pprof/heap": 404, "/": 404 },
    });
  });

  it.each([
    ["a log level that does not exist", "level: info", "level: loud"],
    ["a chunk that S3 would refuse", "chunksize: 5242880", "chunksize: 1024"],
    ["no bucket", "bucket: registry-example-internal", "bucket: ''"],
  ])("does not start with %s, so the check means something", async (_fault, good, bad) => {
    expect(config).toContain(good);
    expect(await start(config.replace(good, bad))).not.toContain("listening on 127.0.0.1");
  });
});
