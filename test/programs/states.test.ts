import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../topology/roles.ts";
import { withEveryRole } from "../unit/config/every-role.ts";
import { exampleTree } from "../unit/templates/example.ts";
import { temporaryFolder, write } from "./files.ts";
import { suiteWith } from "./program.ts";
import { saltForTests } from "./salt.ts";

const tree = exampleTree(withEveryRole);
const saltDir = join(import.meta.dirname, "..", "..", "salt");
const { title, skip } = suiteWith("Salt", { "python3.11": "python3-venv" });

/** A state as Salt would run it. */
interface State {
  readonly state: string;
  readonly fun: string;
  readonly name: string;
  readonly __sls__: string;
  readonly __id__: string;
  readonly [argument: string]: unknown;
}

const nodes = [...new Set(Object.keys(tree).map((path) => path.slice(0, path.indexOf("/"))))];
/** Number of states with a secret, by role. */
const statesWithSecrets: Readonly<Record<Role, number>> = { bastion: 0, registry: 2, proxy: 1, builder: 3 };
const publicSecret = "ca-certificate";
const secretKeys = [
  "http-secret",
  "htpasswd",
  "server-certificate",
  "server-key",
  "registry-login",
  "netrc",
  "build-secret-npm",
];
const secrets = [...secretKeys, publicSecret].map((key) => [key, `NEEDLE-${key}`]);

describe.skipIf(skip)(title, () => {
  let saltCall: string;
  beforeAll(async () => {
    saltCall = await saltForTests();
  }, 300_000);

  /** Asks Salt what it would do on a node, with the rendered files and fake secrets. */
  async function statesOf(node: string, ...command: string[]): Promise<State[]> {
    const folder = temporaryFolder();
    for (const [path, text] of Object.entries(tree)) write(join(folder, "rendered", path), text);
    write(join(folder, "pillar", "top.sls"), `base:\n  "*":\n    - secrets\n`);
    write(join(folder, "pillar", "secrets.sls"), JSON.stringify({ secrets: Object.fromEntries(secrets) }));
    const minion = {
      root_dir: folder,
      file_client: "local",
      file_roots: { base: [saltDir, folder] },
      pillar_roots: { base: [join(folder, "pillar")] },
      log_file: join(folder, "log"),
      enable_fqdns_grains: false,
      enable_gpu_grains: false,
    };
    write(join(folder, "minion"), JSON.stringify(minion));
    const { stdout } = await execa(saltCall, [
      "--local",
      "--config-dir",
      folder,
      "--id",
      node,
      "--out",
      "json",
      ...command,
    ]);
    const { local } = JSON.parse(stdout);
    // If a tree has errors, Salt returns them instead of states.
    if (local.some((state: unknown) => typeof state === "string")) throw new Error(local.join("\n"));
    return local;
  }

  const highstateOf = (node: string) => statesOf(node, "state.show_lowstate");
  const ofKind = (states: State[], ...kinds: string[]) =>
    states.filter(({ state, fun }) => kinds.includes(`${state}.${fun}`));

  it.each(nodes)("places every rendered file of %s, each once", async (node) => {
    const placed = ofKind(await highstateOf(node), "file.managed").filter(({ source }) =>
      String(source).startsWith("salt://rendered/"),
    );
    expect(placed.map(({ source }) => source)).toEqual(placed.map(({ name }) => `salt://rendered/${node}${name}`));
    expect(placed.map(({ name }) => `${node}${name}`).sort()).toEqual(
      Object.keys(tree).filter((path) => path.startsWith(`${node}/`)),
    );
  });

  it.each(nodes)("checks every file of %s that a service reads before it replaces a good one", async (node) => {
    const unchecked = ofKind(await highstateOf(node), "file.managed").filter(({ check_cmd }) => !check_cmd);
    const harmless =
      /^\/etc\/(systemd|sysctl\.d|tmpfiles\.d|registry-cluster)\/|\/interface\.conf$|\/htpasswd$|\/registry\.env$|\/\.netrc$|\/image-watch\/secrets\/|\/node-requirements\.txt$/;
    expect(unchecked.map(({ name }) => name).filter((name) => !harmless.test(name))).toEqual([]);
  });

  it.each(nodes)("never shows a secret of %s", async (node) => {
    const states = await highstateOf(node);
    expect(JSON.stringify(states)).not.toContain("NEEDLE");
    const withSecrets = ofKind(states, "file.managed").filter(
      ({ source, contents_pillar }) =>
        (contents_pillar && contents_pillar !== `secrets:${publicSecret}`) ||
        /(registry\.env|server\.pem)\.jinja$/.test(String(source)),
    );
    expect(withSecrets).toHaveLength(statesWithSecrets[node.split("-")[0] as Role]);
    for (const { show_changes, mode } of withSecrets) {
      expect(show_changes).toBe(false);
      expect(mode).toMatch(/^06[04]0$/);
    }
  });

  it.each(nodes)("gives every file of %s its mode", async (node) => {
    const files = ofKind(await highstateOf(node), "file.managed");
    expect(files.filter(({ mode }) => !/^0\d{3}$/.test(String(mode))).map(({ name }) => name)).toEqual([]);
  });

  it.each([
    ["bastion", ["nftables", "registry-cluster-converge.timer", "registry-cluster-upgrade.timer", "ssh"]],
    [
      "registry-1",
      ["docker", "nftables", "registry", "registry-cluster-converge.timer", "registry-cluster-upgrade.timer", "ssh"],
    ],
    [
      "proxy-1",
      [
        "disk-guard",
        "eip-keeper",
        "haproxy",
        "keepalived",
        "nftables",
        "nginx",
        "registry-cluster-converge.timer",
        "registry-cluster-upgrade.timer",
        "ssh",
      ],
    ],
    [
      "builder",
      [
        "image-build@1.socket",
        "image-build@2.socket",
        "image-watch",
        "nftables",
        "registry-cluster-converge.timer",
        "registry-cluster-upgrade.timer",
        "ssh",
      ],
    ],
  ])("runs on %s the services of its role and starts them at boot", async (node, services) => {
    const running = ofKind(await highstateOf(node), "service.running");
    expect(running.map(({ name }) => name).sort()).toEqual(services);
    expect(running.filter(({ enable }) => enable !== true)).toEqual([]);
  });

  it("reloads HAProxy, nginx and keepalived where that is enough, so no connection and no address is lost", async () => {
    const running = ofKind(await highstateOf("proxy-1"), "service.running");
    const reloaded = running.filter(({ reload }) => reload === true).map(({ name }) => name);
    expect(reloaded.sort()).toEqual(["haproxy", "keepalived", "nftables", "nginx", "ssh"]);
  });

  it("uses none of the modules that are leaving Salt", async () => {
    const modules = new Set((await Promise.all(nodes.map(highstateOf))).flat().map(({ state }) => state));
    expect([...modules].sort()).toEqual(["cmd", "file", "group", "host", "pkg", "service", "user"]);
  });

  it.each(["bastion", "registry", "proxy"])("bakes the packages of a %s, and nothing of any cluster", async (role) => {
    const states = await statesOf(role, "state.show_low_sls", "bake");
    expect(states.map(({ state, fun }) => `${state}.${fun}`)).toEqual(states.map(() => "pkg.installed"));
    const needed = ofKind(await highstateOf(role === "bastion" ? role : `${role}-1`), "pkg.installed");
    expect(states.map(({ __id__ }) => __id__).sort()).toEqual(needed.map(({ __id__ }) => __id__).sort());
  });

  it("bakes a builder's packages and its Node.js, which is pinned by hash", async () => {
    const states = await statesOf("builder", "state.show_low_sls", "bake");
    expect(states.map(({ __id__ }) => __id__).filter((id) => id.startsWith("builder"))).toEqual([
      "builder-package-pkg-installed",
      "builder-package-node-file-managed",
      "builder-package-node-cmd-run",
    ]);
    expect(String(states.at(-1)?.name)).toContain("--require-hashes");
  });
});
