import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "../../../common/checkout.ts";
import { nodeFiles } from "../../../templates/render-tree.ts";
import { planTopology } from "../../../topology/plan-topology.ts";
import { withEveryRole } from "../config/every-role.ts";
import { contents, exampleTopology, exampleTree, fileOf } from "./example.ts";

const snapshots = join(import.meta.dirname, "tree");
const tree = exampleTree();
const treeOfEveryRole = exampleTree(withEveryRole);

const filesOf = (node: string) =>
  Object.entries(tree)
    .filter(([path]) => path.startsWith(`${node}/`))
    .map(([path, text]) => [path.slice(node.length), text] as const);

/** Of a role that the example has no node of, the files that only such a node has. */
const ofOtherRoles = Object.entries(treeOfEveryRole).filter(([path]) => {
  const [, node, file] = /^([^/]+)(.*)$/.exec(path) ?? [];
  const isOfEveryNode = `bastion${file}` in tree && file !== "/etc/nftables.conf";
  return filesOf(`${node}`).length === 0 && !isOfEveryNode;
});

/** Of each role, one node: what a second one differs in is told below. */
const reviewedFiles = [...Object.entries(tree), ...ofOtherRoles].filter(([path]) => !/^[a-z]+-2\//.test(path));

describe("the rendered tree of the example cluster", () => {
  it.each(reviewedFiles)("has %s as reviewed", async (path, text) => {
    await expect(text).toMatchFileSnapshot(join(snapshots, `${path}.snap`));
  });

  it("has no file less than reviewed", () => {
    const reviewed = readdirSync(snapshots, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(snapshots, path)).isFile())
      .map((path) => path.replace(/\.snap$/, ""));
    expect(reviewed.sort()).toEqual(reviewedFiles.map(([path]) => path).sort());
  });

  it("is sorted by path", () => {
    expect(Object.keys(tree)).toEqual(Object.keys(tree).sort());
  });

  it("says in every file, JSON apart, which template it comes from", () => {
    const unmarked = Object.entries(treeOfEveryRole).filter(
      ([, text]) => !/^# Managed by registry-cluster from templates\/\S+\.njk: changes made here/m.test(text),
    );
    const names = unmarked.map(([path]) => path.split("/").at(-1));
    expect([...new Set(names)].sort()).toEqual(["checks.json", "config.json", "daemon.json"]);
  });

  it("ends every file with one line break", () => {
    expect(Object.entries(tree).filter(([, text]) => !/[^\n]\n$/.test(text))).toEqual([]);
  });

  it("leaves no template delimiter in any file", () => {
    expect(Object.entries(treeOfEveryRole).filter(([, text]) => /<<|>>|<%|%>|<#|#>/.test(text))).toEqual([]);
  });

  it("holds no Terraform token", () => {
    expect(JSON.stringify(treeOfEveryRole)).not.toMatch(/TfToken/i);
  });

  it("holds no key and no endpoint but AWS's own: nodes have their role", () => {
    const text = JSON.stringify(treeOfEveryRole).replaceAll("regionendpoint: https://s3.eu-west-1.amazonaws.com", "");
    expect(text).not.toMatch(/regionendpoint|accesskey|secretkey|AKIA|endpoint-url/i);
  });
});

describe("a template", () => {
  const topology = planTopology(withEveryRole(exampleTopology().config));
  const files = topology.nodes.flatMap((node) => nodeFiles(topology, node, contents));
  const contexts = new Map(files.map(({ template, context }) => [template, context]));
  /** The text of a template and of those that it includes. */
  const textOf = (template: string): string =>
    readFileSync(join(checkout, "templates", template), "utf8").replaceAll(/<% include "(.*)" %>/g, (_, included) =>
      textOf(included),
    );

  it.each([...contexts])("uses every value that it is given: %s", (template, context) => {
    const used = new Set(textOf(template).match(/(?<=<[<%].*)\b\w+\b(?=.*[>%]>)/g));
    expect(Object.keys(context).filter((value) => !used.has(value))).toEqual([]);
  });
});

describe("a second node", () => {
  /** Lines that are not those of the first node, file by file. */
  const differing = (node: string, first: string) =>
    Object.fromEntries(
      filesOf(node).flatMap(([path, text]) => {
        const lines = tree[`${first}${path}`]?.split("\n") ?? [];
        expect(text.split("\n")).toHaveLength(lines.length);
        const own = text.split("\n").filter((line, i) => line !== lines[i]);
        return own.length > 0 ? [[path, own.map((line) => line.trim())]] : [];
      }),
    );

  it.each([
    ["registry-2", "registry-1"],
    ["proxy-2", "proxy-1"],
  ])("%s has the files of %s", (node, first) => {
    expect(filesOf(node).map(([path]) => path)).toEqual(filesOf(first).map(([path]) => path));
  });

  it("of the registries has an address and a turn of its own", () => {
    expect(differing("registry-2", "registry-1")).toEqual({
      "/etc/distribution/config.yml": ["addr: 10.80.144.4:5000", "addr: 10.80.144.4:5001"],
      "/etc/registry-cluster/checks.json": ['"what": "registry-2",', '"url": "http://10.80.144.4:5000/v2/",'],
      "/etc/systemd/system/registry-cluster-converge.timer": ["OnCalendar=*:12/30:00"],
      "/etc/systemd/system/registry-cluster-upgrade.timer": ["OnCalendar=04:36:00 UTC"],
    });
  });

  it("of the proxies has an address, a priority and a turn of its own", () => {
    expect(differing("proxy-2", "proxy-1")).toEqual({
      "/etc/haproxy/haproxy.cfg": ["bind 10.80.16.5:8081"],
      "/etc/keepalived/keepalived.conf": ["priority 198", "unicast_src_ip 10.80.16.5", "10.80.0.5"],
      "/etc/nginx/nginx.conf": ["listen 10.80.16.5:8443 ssl proxy_protocol reuseport backlog=4096;"],
      "/etc/registry-cluster/checks.json": [
        '"url": "http://10.80.16.5:8443/healthz",',
        '"url": "https://10.80.16.5:8443/v2/",',
      ],
      "/etc/systemd/system/registry-cluster-converge.timer": ["OnCalendar=*:24/30:00"],
      "/etc/systemd/system/registry-cluster-upgrade.timer": ["OnCalendar=06:12:00 UTC"],
    });
  });
});

describe("sshd", () => {
  const sshd = (node: string) => fileOf(tree, node, "/etc/ssh/sshd_config.d/60-registry-cluster.conf");

  it.each(["bastion", "registry-1", "proxy-1"])("on %s takes keys of admin only", (node) => {
    expect(sshd(node)).toMatch(/^PasswordAuthentication no$/m);
    expect(sshd(node)).toMatch(/^AuthenticationMethods publickey$/m);
    expect(sshd(node)).toMatch(/^PermitRootLogin no$/m);
    expect(sshd(node)).toMatch(/^AllowUsers admin$/m);
  });

  it("forwards connections on the bastion, the way in, and nowhere else", () => {
    expect(sshd("bastion")).toContain("AllowTcpForwarding local");
    expect(sshd("registry-1")).toContain("AllowTcpForwarding no");
    expect(sshd("proxy-1")).toContain("AllowTcpForwarding no");
  });
});

describe("egress of private nodes", () => {
  const bastionFile = (egress: "bastion" | "nat-gateway" | "none", path: string) =>
    fileOf(
      exampleTree(({ network }) => ({ network: { ...network, egress } })),
      "bastion",
      path,
    );

  it("goes through the bastion by NAT, for private subnets and towards the outside only", () => {
    const rules = bastionFile("bastion", "/etc/nftables.conf");
    expect(rules).toContain("ip saddr { 10.80.128.0/20, 10.80.144.0/20 } ip daddr != 10.80.0.0/16 masquerade");
    expect(bastionFile("bastion", "/etc/sysctl.d/60-registry-cluster.conf")).toContain("net.ipv4.ip_forward = 1");
  });

  it.each(["nat-gateway", "none"] as const)("by %s leaves nothing of it on the bastion", (egress) => {
    const [, rules] = bastionFile(egress, "/etc/nftables.conf").split("table ip registry_cluster {");
    expect(rules).not.toMatch(/masquerade|accept$/m);
    expect(rules).toContain("policy drop");
    expect(bastionFile(egress, "/etc/sysctl.d/60-registry-cluster.conf")).toContain("net.ipv4.ip_forward = 0");
  });

  it("makes no other node a router", () => {
    expect(fileOf(tree, "proxy-1", "/etc/sysctl.d/60-registry-cluster.conf")).toContain("net.ipv4.ip_forward = 0");
  });
});
