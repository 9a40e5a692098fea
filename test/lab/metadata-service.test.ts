import { describe, expect, it } from "vitest";
import { dockerExec } from "../../machines/docker/docker.ts";
import type { Role } from "../../topology/roles.ts";
import { lab } from "./support.ts";

/** Users of each role's nodes, and whether they may ask for the rights of the node. */
const users: Readonly<Record<Role, Readonly<Record<string, boolean>>>> = {
  bastion: { root: true, nobody: false, admin: false },
  registry: { root: true, "65532": true, nobody: false, admin: false },
  proxy: { root: true, "eip-keeper": true, haproxy: false, "www-data": false, nobody: false, admin: false },
  builder: { root: true, "image-watch": false, "image-build-1": false, nobody: false, admin: false },
};

const cases = lab.nodes.flatMap((node) => Object.entries(users[node.role]).map(([user, may]) => ({ node, user, may })));

describe("the metadata service", () => {
  it.each(cases)("answers $user on $node.name: $may", async ({ node, user, may }) => {
    const ask =
      "curl --silent --max-time 5 --output /dev/null --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60'";
    const script = `setpriv --reuid "$1" --clear-groups ${ask} http://169.254.169.254/latest/api/token; echo $?`;
    const code = Number(await dockerExec(node.container, ["sh", "-c", script, "sh", user]));
    expect(code).toBe(may ? 0 : 7);
  });
});
