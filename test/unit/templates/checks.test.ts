import { describe, expect, it } from "vitest";
import { roles } from "../../../topology/roles.ts";
import { withEveryRole } from "../config/every-role.ts";
import { exampleTree, fileOf } from "./example.ts";

const tree = exampleTree(withEveryRole);
const checksOf = (node: string) => JSON.parse(fileOf(tree, node, "/etc/registry-cluster/checks.json"));
const asked = (node: string) =>
  checksOf(node).requests.map(({ url, status }: { url: string; status: number }) => [url, status]);

describe("a node checks", () => {
  it.each([
    ["bastion", roles.bastion.services],
    ["registry-1", roles.registry.services],
    ["proxy-1", roles.proxy.services],
    ["builder", [...roles.builder.services, "image-build@1.socket", "image-build@2.socket"]],
  ])("that on %s the units of its role are active", (node, units) => {
    expect(checksOf(node).units).toEqual(units);
  });

  it.each(["bastion", "registry-1", "proxy-1", "builder"])("that on %s somebody can log in", (node) => {
    expect(checksOf(node).greetings).toEqual([{ what: "ssh", address: "127.0.0.1", port: 22, begins: "SSH-2.0-" }]);
  });

  it("that a registry answers as HAProxy asks it", () => {
    const haproxy = fileOf(tree, "proxy-1", "/etc/haproxy/haproxy.cfg");
    expect(haproxy).toContain("http-check send meth GET uri /v2/ ver HTTP/1.1");
    expect(haproxy).toContain("http-check expect status 401");
    expect(haproxy).toContain("server registry-1 10.80.128.4:5000");
    expect(asked("registry-1")).toEqual([["http://10.80.128.4:5000/v2/", 401]]);
  });

  it("that a proxy answers as keepalived, other proxies and clients ask it", () => {
    expect(fileOf(tree, "proxy-1", "/etc/keepalived/keepalived.conf")).toContain(" http://127.0.0.1:8080/healthz");
    expect(asked("proxy-1")).toEqual([
      ["http://127.0.0.1:8080/healthz", 200],
      ["http://10.80.0.5:8443/healthz", 200],
      ["https://10.80.0.5:8443/v2/", 401],
      ["https://127.0.0.1:443/healthz", 200],
    ]);
  });

  it("that keepalived has not given up, in the file that the keeper writes", () => {
    const [{ path, without }] = checksOf("proxy-1").files;
    const keeper = JSON.parse(fileOf(tree, "proxy-1", "/etc/eip-keeper/config.json"));
    expect({ path, without }).toEqual({ path: keeper.stateFile, without: '"FAULT"' });
  });
});
