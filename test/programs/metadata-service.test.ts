import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { exampleTree, fileOf } from "../unit/templates/example.ts";
import { temporaryFolder, write } from "./files.ts";
import { findProgram, suiteWith } from "./program.ts";

const suite = suiteWith("the metadata service", {
  nft: "nftables",
  unshare: "util-linux",
  setpriv: "util-linux",
  ip: "iproute2",
  curl: "curl",
  python3: "python3",
});
const isRoot = process.getuid?.() === 0;
const title = isRoot ? suite.title : `${suite.title} (skipped: only root can ask as other users)`;

/** The rendered rules, in a separate network namespace with the service's addresses. */
describe.skipIf(suite.skip || !isRoot)(title, () => {
  const tree = exampleTree();
  /** Users of this machine: nobody replaces the keeper's user, the others are as on nodes. */
  const uid = { root: 0, keeper: 65534, wwwData: 33, registry: 65532 };

  /** @returns curl's exit code for each user: 0, or 7 for a refused connection. */
  async function asked(node: string, url: string): Promise<Record<string, number>> {
    const rules = fileOf(tree, node, "/etc/nftables.conf").replace("eip-keeper", "nobody");
    const script = `
      ip link set lo up
      ip address add 169.254.169.254 dev lo
      ip address add fd00:ec2::254 dev lo nodad
      "$1" -f "$2"
      python3 -m http.server 80 --bind :: > /dev/null 2>&1 &
      until curl --silent --output /dev/null http://127.0.0.1/; do sleep 0.1; done
      shift 2
      url=$1
      shift
      for uid; do
        code=0
        setpriv --reuid "$uid" --clear-groups curl --silent --max-time 5 --output /dev/null "$url" || code=$?
        echo "$code"
      done
      kill $!`;
    const file = write(join(temporaryFolder(), "rules"), rules);
    const args = [findProgram("nft") as string, file, url, ...Object.values(uid).map(String)];
    const { stdout } = await execa("unshare", [
      "--net",
      "--pid",
      "--fork",
      "--kill-child",
      "sh",
      "-euc",
      script,
      "sh",
      ...args,
    ]);
    const codes = stdout.split("\n").map(Number);
    return Object.fromEntries(Object.keys(uid).map((user, i) => [user, codes[i] as number]));
  }

  const refused = 7;

  it.each(["http://169.254.169.254/", "http://[fd00:ec2::254]/"])(
    "at %s answers on proxies root and the keeper, and nobody who serves clients",
    async (url) => {
      expect(await asked("proxy-1", url)).toEqual({ root: 0, keeper: 0, wwwData: refused, registry: refused });
    },
  );

  it("answers on registries root and the registry", async () => {
    const answers = { root: 0, keeper: refused, wwwData: refused, registry: 0 };
    expect(await asked("registry-1", "http://169.254.169.254/")).toEqual(answers);
  });

  it("answers on the bastion root alone", async () => {
    const answers = { root: 0, keeper: refused, wwwData: refused, registry: refused };
    expect(await asked("bastion", "http://169.254.169.254/")).toEqual(answers);
  });

  it("is the only thing that the rules of a node are about", async () => {
    const answers = { root: 0, keeper: 0, wwwData: 0, registry: 0 };
    expect(await asked("proxy-1", "http://127.0.0.1/")).toEqual(answers);
  });
});
