import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { checkout } from "../../common/checkout.ts";
import { secretStoreOf } from "../../lab/account/machine.ts";
import { containerOf } from "../../lab/machines.ts";
import { labFolder } from "../../lab/state.ts";
import { docker, dockerExec } from "../../machines/docker/docker.ts";
import { secretPath } from "../../topology/names.ts";
import { lab } from "./support.ts";

/** For each secret, words that appear in it and nowhere else. */
let needles: string[];

beforeAll(async () => {
  const store = secretStoreOf(lab);
  const folders = ["registry", "proxy", "builder", "operator"] as const;
  const paths = (await Promise.all(folders.map((folder) => store.list(secretPath(lab.name, folder))))).flat();
  const secret = paths.filter((path) => !path.endsWith("certificate"));
  const values = await Promise.all(secret.map((path) => store.get(path)));
  needles = values.flatMap((value) => distinctive(value as string));
  expect(needles.length).toBeGreaterThanOrEqual(5);
});

describe("no secret", () => {
  it("is in the plan, the bundle, or anything else that the lab keeps in the checkout", async () => {
    expect(await filesWithSecrets(labFolder(lab.name))).toEqual([]);
  });

  it("is in what the project commits", async () => {
    const { stdout } = await execa("git", ["grep", "--files-with-matches", "--fixed-strings", ...patterns()], {
      cwd: checkout,
      reject: false,
    });
    expect(stdout).toBe("");
  });

  it("is in the buckets", async () => {
    const found = await inMachine(containerOf(lab.name, "aws"), "grep -rlF -f - /var/lib/lab/s3 || true");
    expect(found).toBe("");
  });

  it.each([...lab.nodes.map((node) => node.container), containerOf(lab.name, "aws")])(
    "is in a log of %s",
    async (container) => {
      expect(await inMachine(container, "grep -rlF -f - /var/log --exclude-dir=journal || true")).toBe("");
      expect(
        await inMachine(
          container,
          "cat > /run/needles; journalctl --output cat | grep -cF -f /run/needles; rm /run/needles",
        ),
      ).toBe("0");
    },
  );

  it.each(lab.nodes.map((node) => node.container))("is in the settings of the container %s", async (container) => {
    const settings = await docker(["inspect", container]);
    expect(needles.filter((needle) => settings.includes(needle))).toEqual([]);
  });
});

/** The first full line of key material, or the value itself. */
function distinctive(value: string): string[] {
  const lines = value.split("\n").filter((line) => line && !line.startsWith("-----"));
  return lines.map((line) => line.replace(/^[^:]+:(\$2)/, "$1")).filter((line) => line.length >= 16);
}

const patterns = () => needles.flatMap((needle) => ["-e", needle]);

async function filesWithSecrets(folder: string): Promise<string[]> {
  const { stdout } = await execa("grep", ["-rlF", ...patterns(), folder], { reject: false });
  const archives = await execa("sh", ["-c", `find '${folder}' -name '*.tar'`]);
  const found = stdout.split("\n").filter(Boolean);
  for (const archive of archives.stdout.split("\n").filter(Boolean)) {
    const { stdout: content } = await execa("tar", ["--extract", "--to-stdout", "--file", archive]);
    if (needles.some((needle) => content.includes(needle))) found.push(archive);
  }
  return found;
}

/** Runs a command that reads the secrets, one a line, from its standard input. */
const inMachine = (container: string, command: string) =>
  dockerExec(container, ["sh", "-c", command], { input: `${needles.join("\n")}\n` });
