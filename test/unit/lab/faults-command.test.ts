import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { faults } from "../../../lab/faults/catalogue.ts";
import { roles } from "../../../topology/roles.ts";
import { quickCopyOfCheckout, remove, run, writeLab } from "../cli/support.ts";
import { labOfTest, writeFakeDocker } from "./support.ts";

let checkout: string;
beforeAll(async () => {
  checkout = await quickCopyOfCheckout();
});
afterAll(() => remove(checkout));

const lab = (...args: string[]) => run(checkout, ["lab", ...args]);

describe("lab fault, without a name", () => {
  it.each([[["fault"]], [["fault", "--list"]]])(
    "prints every fault and what it means, also when no lab is up",
    async (args) => {
      const { exitCode, stdout } = await lab(...args);
      for (const { name, meaning } of faults) {
        expect(stdout).toContain(` ${name} `);
        expect(stdout).toContain(meaning);
      }
      expect(exitCode).toBe(0);
    },
  );

  it("prints JSON, and nothing else, when asked to", async () => {
    expect(JSON.parse((await lab("fault", "--json")).stdout)).toEqual(faults);
  });
});

describe("a fault for a lab that is not up", () => {
  it.each([[["fault", "nginx-crash"]], [["heal"]]])("is refused, with how to boot one: %s", async (args) => {
    const { exitCode, stdout, stderr } = await lab(...args);
    expect(stderr).toContain("the lab 'registry' is not up\n  mend: npx registry-cluster lab up");
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });
});

describe("a fault for a lab", () => {
  beforeEach(() => writeLab(checkout, "registry", { ...labOfTest(), name: "registry" }));

  it("prints when it began, and at which nodes, as JSON", async () => {
    const docker = writeFakeDocker('case "$*" in *"systemctl kill"*) echo "at 1795348596.892075" ;; *) exit 1 ;; esac');
    const { stdout } = await run(checkout, ["lab", "fault", "nginx-crash", "--json"], { docker });
    expect(JSON.parse(stdout)).toEqual({ fault: "nginx-crash", nodes: ["proxy-1"], at: "2026-11-22T11:56:36.892Z" });
  });

  it("is healed when its time is over", async () => {
    const docker = writeFakeDocker(
      'case "$*" in *addresses.json) exit 1 ;; *"now; "*) echo "at 1795348596.892075" ;; esac',
    );
    const { stdout } = await run(checkout, ["lab", "fault", "nginx-hang", "--for", "10ms"], { docker });
    expect(stdout).toMatch(/nginx-hang proxy-1.*Left broken for 10ms.*Everything healed/s);
    expect(docker.calls()).toContain(`systemctl start ${roles.proxy.services.join(" ")} || true`);
  });

  it.each(["5", "0s", "soon"])("may not last for '%s'", async (duration) => {
    const { exitCode, stderr } = await lab("fault", "nginx-hang", "--for", duration);
    expect(stderr).toContain("a duration such as 30s or 5m");
    expect(exitCode).toBe(2);
  });
});
