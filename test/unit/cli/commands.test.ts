import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FakeDocker, labOfTest, temporaryFolder, writeFakeDocker } from "../lab/support.ts";
import { configText, filesOf, quickCopyOfCheckout, remove, run, start, writeLab } from "./support.ts";

let checkout: string;
beforeAll(async () => {
  checkout = await quickCopyOfCheckout();
});
afterAll(() => remove(checkout));

const wrongConfig = [
  [/^name: .*$/m, "name: Wrong_Name"],
  [/^region: .*$/m, "region: nowhere"],
  [/^ {2}count: 2$/m, "  count: 1"],
] as const;

/** Writes a config file outside of the checkout. */
function writeConfig(...changes: Parameters<typeof configText>[1][]): string {
  const file = join(temporaryFolder(), "other.yml");
  writeFileSync(file, configText(checkout, ...changes));
  return file;
}

describe("a config with faults", () => {
  let docker: FakeDocker;
  beforeEach(() => {
    docker = writeFakeDocker("exit 1");
  });

  it.each(["config check", "start", "access init"])(
    "ends `%s` with 2 and every fault on standard error, before anything is done",
    async (command) => {
      const file = writeConfig(...wrongConfig);
      const before = filesOf(checkout);
      const { exitCode, stdout, stderr } = await run(checkout, ["--config", file, ...command.split(" ")], { docker });
      expect(exitCode).toBe(2);
      expect(stdout).toBe("");
      for (const path of ["name", "region", "registries.count"]) expect(stderr).toMatch(new RegExp(`: ${path}: `));
      expect(filesOf(checkout)).toEqual(before);
      expect(docker.calls()).toEqual([]);
    },
  );

  it("ends with 2 when the file is missing, and names it", async () => {
    const { exitCode, stderr } = await start(checkout, ["--config", "missing.yml", "lab", "status"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("missing.yml");
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe("config check", () => {
  it("names the config and its nodes", async () => {
    const { exitCode, stdout } = await start(checkout, ["config", "check"]);
    expect(stdout).toMatch(/^cluster\.yml is right: bastion 10\.80\.0\.4, .*proxy-2 10\.80\.16\.5$/);
    expect(exitCode).toBe(0);
  });

  it("prints JSON, and nothing else, when asked to", async () => {
    const { stdout } = await run(checkout, ["config", "check", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ config: { name: "registry" }, nodes: expect.any(Array) });
  });

  it("takes the checkout's config when it is run in a folder of the checkout", async () => {
    const { stdout } = await run(checkout, ["config", "check"], { cwd: join(checkout, "salt") });
    expect(stdout).toMatch(/^\.\.\/cluster\.yml is right/);
  });

  it("takes a config that is named from the current folder", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "mine.yml"), configText(checkout, [/^name: .*$/m, "name: mine"]));
    const { stdout } = await run(checkout, ["--config", "mine.yml", "config", "check", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ config: { name: "mine" } });
  });
});

describe("a folder of configs", () => {
  let clusters: string;
  beforeEach(() => {
    clusters = temporaryFolder();
    for (const name of ["dev", "prod"]) {
      const text = configText(
        checkout,
        [/^name: .*$/m, `name: ${name}`],
        [/^ {2}bucket: .*$/m, `  bucket: ${name}-images`],
      );
      writeFileSync(join(clusters, `${name}.yml`), text);
    }
  });
  const check = (...args: string[]) => run(checkout, ["--config", clusters, ...args]);

  it.each([["start"], ["lab", "status"], ["access", "init"], ["preflight"]])(
    "is refused by `%s %s`, which is about one cluster, with the files to choose from",
    async (...words) => {
      const { exitCode, stderr } = await check(...words.filter((word): word is string => typeof word === "string"));
      expect(stderr).toContain(`allowed: one file: ${join(clusters, "dev.yml")}, ${join(clusters, "prod.yml")}`);
      expect(exitCode).toBe(2);
    },
  );

  it("is checked file by file by `config check`", async () => {
    const { exitCode, stdout } = await check("config", "check");
    expect(stdout.split("\n").map((line) => line.split(" is right: ")[0])).toEqual([
      join(clusters, "dev.yml"),
      join(clusters, "prod.yml"),
    ]);
    expect(exitCode).toBe(0);
  });
});

describe("a lab that is not up", () => {
  it("has a status in JSON that says so, and ends with 1", async () => {
    const { exitCode, stdout } = await run(checkout, ["lab", "status", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ name: "registry", up: false, nodes: [] });
    expect(exitCode).toBe(1);
  });

  it.each([
    ["lab", "shell", "proxy-1"],
    ["lab", "logs", "proxy-1"],
    ["access", "--lab", "show"],
  ])("is what `%s %s %s` complains of", async (...args) => {
    const { exitCode, stderr } = await run(checkout, args);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^the lab 'registry' is not up\n {2}mend: np/);
  });

  it("is taken down without a complaint, also where there is no Docker", async () => {
    const { exitCode, stdout } = await run(checkout, ["lab", "down"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("the lab is removed");
  });
});

describe("a lab that is up", () => {
  const healthy = `case "$*" in
    ps*) printf 'demo-lab-%s\\n' aws bastion proxy-1 ;;
    *addresses.json) echo '{"addresses":[{"public_ip":"10.81.0.130","private_ip":"10.80.0.5"}]}' ;;
    *is-active\\ haproxy*) printf 'active\\nactive\\nactive\\nactive\\n' ;;
    *is-active*) echo active ;;
    *journalctl*) echo 'a line of its log' ;;
    *false) exit 7 ;;
  esac`;
  let file: string;
  beforeEach(() => {
    const { nodes, ...lab } = labOfTest();
    const demoNodes = nodes.map((node) => ({ ...node, container: `demo-lab-${node.name}` }));
    writeLab(checkout, "demo", { ...lab, name: "demo", nodes: demoNodes });
    file = writeConfig([/^name: .*$/m, "name: demo"]);
    return () => remove(join(checkout, ".lab"));
  });
  const inDemo = (docker: FakeDocker, ...args: string[]) =>
    [checkout, ["--config", file, ...args], { docker }] as const;

  it("has a status without colour codes where there is no terminal, and ends with 0", async () => {
    const { exitCode, stdout, stderr } = await start(...inDemo(writeFakeDocker(healthy), "lab", "status"));
    expect(stdout).toMatch(
      /proxy-1 .* haproxy active, nginx active, keepalived active, eip-keeper active .* 10\.81\.0\.130/,
    );
    expect(stdout + stderr).not.toContain("\u001b[");
    expect(exitCode).toBe(0);
  });

  it("ends its status with 1 when a service has failed", async () => {
    const docker = writeFakeDocker(healthy.replace("active\\nactive\\n'", "failed\\nactive\\n'"));
    expect((await run(...inDemo(docker, "lab", "status", "--json"))).exitCode).toBe(1);
  });

  it.each(["shell", "logs"])("names the nodes that there are when `lab %s` is asked for another", async (command) => {
    const { exitCode, stderr } = await run(...inDemo(writeFakeDocker(healthy), "lab", command, "nosuch"));
    expect(stderr).toBe("no node 'nosuch' in the lab 'demo'\n  mend: one of bastion, proxy-1, aws");
    expect(exitCode).toBe(1);
  });

  it("shows the log of a node's unit", async () => {
    const docker = writeFakeDocker(healthy);
    const { stdout } = await start(...inDemo(docker, "lab", "logs", "proxy-1", "--unit", "nginx"));
    expect(stdout).toBe("a line of its log");
    expect(docker.calls()).toEqual(["exec --interactive demo-lab-proxy-1 journalctl --no-pager --unit nginx"]);
  });

  it("runs a command with its own options on a node, and ends as it does", async () => {
    const docker = writeFakeDocker(healthy);
    const { exitCode } = await start(...inDemo(docker, "lab", "shell", "aws", "--", "sh", "-c", "false"));
    expect(docker.calls()).toEqual(["exec --interactive demo-lab-aws sh -c false"]);
    expect(exitCode).toBe(7);
  });
});

describe("without what a command needs", () => {
  it("says how to get AWS credentials, and ends with 1", async () => {
    const { exitCode, stderr } = await run(checkout, ["access", "show"]);
    expect(stderr).toContain("there are no AWS credentials\n  mend: set AWS_PROFILE, or AWS_ACCESS_KEY_ID");
    expect(stderr.split("\n")).toHaveLength(2);
    expect(exitCode).toBe(1);
  });

  it("names every problem of a preflight on standard error, and ends with 1", async () => {
    const { exitCode, stdout, stderr } = await run(checkout, ["preflight"]);
    expect(stderr).toMatch(/^cluster\.yml cannot be deployed: /m);
    expect(stderr).toMatch(/^AWS credentials: there are none\n {2}allowed: .*\n {2}mend: {4}set AWS_PROFILE/m);
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });

  it("gives a preflight's problems as JSON when asked to", async () => {
    const { exitCode, stdout } = await run(checkout, ["preflight", "--json"]);
    expect(JSON.parse(stdout).problems).toContainEqual(expect.objectContaining({ subject: "AWS credentials" }));
    expect(exitCode).toBe(1);
  });

  it("says no stack of an error that it does not know", async () => {
    mkdirSync(join(checkout, ".lab", "registry"), { recursive: true });
    writeFileSync(join(checkout, ".lab", "registry", "state.json"), "no JSON");
    try {
      const { exitCode, stderr } = await start(checkout, ["lab", "status"]);
      expect(stderr).toMatch(/^registry-cluster itself has failed\n {2}why: .*\n {2}mend: .*$/);
      expect(exitCode).toBe(1);
    } finally {
      remove(join(checkout, ".lab"));
    }
  });
});
