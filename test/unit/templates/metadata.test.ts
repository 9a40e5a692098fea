import { describe, expect, it } from "vitest";
import { exampleTree, fileOf } from "./example.ts";

const tree = exampleTree(({ builder }) => ({ builder: { ...builder, enabled: true } }));

describe("the metadata service", () => {
  it.each([
    ["bastion", "0"],
    ["builder", "0"],
    ["registry-1", "0, 65532"],
    ["proxy-1", '0, "eip-keeper"'],
  ])("answers on %s the users %s, and refuses all others", (node, users) => {
    const rules = fileOf(tree, node, "/etc/nftables.conf");
    expect(rules).toContain(`meta skuid { ${users} } accept\n`);
    expect(rules).toMatch(
      /meta skuid .*\n.*\n {4}tcp flags & \(syn \| ack\) != syn accept\n {4}meta l4proto tcp reject .*\n {4}drop\n/,
    );
  });

  it("is meant by both of its addresses", () => {
    const rules = fileOf(tree, "proxy-1", "/etc/nftables.conf");
    expect(rules).toContain("ip daddr 169.254.169.254 jump asked");
    expect(rules).toContain("ip6 daddr fd00:ec2::254 jump asked");
  });

  it("answers the registry as the user that its container has", () => {
    expect(fileOf(tree, "registry-1", "/etc/systemd/system/registry.service")).toContain("--user 65532:65532");
  });
});
