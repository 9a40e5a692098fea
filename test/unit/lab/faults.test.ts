import { describe, expect, it } from "vitest";
import { faults, type LabFault } from "../../../lab/faults/catalogue.ts";
import { heal } from "../../../lab/faults/heal.ts";
import { inject } from "../../../lab/faults/strike.ts";
import { faultNamed, targetsOf } from "../../../lab/faults/targets.ts";
import type { LabNode, LabState } from "../../../lab/state.ts";
import { labOfTest, useFakeDocker } from "./support.ts";

const node = (name: string, role: LabNode["role"], privateIp: string): LabNode => ({
  ...{ name, role, privateIp, zone: "eu-west-1a", instanceId: `i-${name}`, container: `lab-${name}` },
});
const nodes = [
  node("bastion", "bastion", "10.80.0.4"),
  node("proxy-1", "proxy", "10.80.0.5"),
  node("proxy-2", "proxy", "10.80.16.5"),
  node("registry-1", "registry", "10.80.128.4"),
  node("registry-2", "registry", "10.80.144.4"),
];

const fault = (changes: Partial<LabFault>): LabFault => ({
  ...{ name: "some-fault", meaning: "", strikes: "proxy", lasts: true, ...changes },
});

/** Names of the nodes that a fault strikes. */
const struck = (changes: Partial<LabFault>, named?: string, holder?: string) =>
  targetsOf(fault(changes), nodes, named, holder).map(({ name }) => name);

describe("the catalogue of faults", () => {
  it("has each name once, in the form in which it is typed", () => {
    const names = faults.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it("says what each fault means, in one line of a terminal", () => {
    for (const { meaning } of faults) expect(meaning).toMatch(/^.{20,75}$/);
  });
});

describe("a fault", () => {
  it("strikes the node that is named", () => {
    expect(struck({ strikes: "proxy" }, "proxy-2", "10.80.0.5")).toEqual(["proxy-2"]);
    expect(struck({ strikes: "node" }, "registry-2")).toEqual(["registry-2"]);
  });

  it("strikes the proxy that holds the address when none is named", () => {
    expect(struck({ strikes: "proxy" }, undefined, "10.80.16.5")).toEqual(["proxy-2"]);
    expect(struck({ strikes: "node" }, undefined, "10.80.16.5")).toEqual(["proxy-2"]);
  });

  it("strikes the first proxy when none is named and nobody holds the address", () => {
    expect(struck({ strikes: "proxy" })).toEqual(["proxy-1"]);
  });

  it("strikes the first registry, or all where the fault is everywhere, when none is named", () => {
    expect(struck({ strikes: "registry" }, undefined, "10.80.0.5")).toEqual(["registry-1"]);
    expect(struck({ strikes: "registry", everywhere: true })).toEqual(["registry-1", "registry-2"]);
    expect(struck({ strikes: "registry", everywhere: true }, "registry-2")).toEqual(["registry-2"]);
  });

  it("of the cluster strikes no node, and may not name one", () => {
    expect(struck({ strikes: "cluster" })).toEqual([]);
    expect(() => struck({ strikes: "cluster" }, "proxy-1")).toThrow("strikes the whole cluster, not 'proxy-1'");
  });

  it("is refused on a node of another kind, with the nodes that it can strike", () => {
    expect(errorOf(() => struck({ strikes: "proxy" }, "registry-1"))).toEqual([
      "some-fault cannot strike registry-1",
      "one of proxy-1, proxy-2",
    ]);
    expect(errorOf(() => struck({ strikes: "node" }, "bastion"))).toEqual([
      "some-fault cannot strike bastion",
      "one of proxy-1, proxy-2, registry-1, registry-2",
    ]);
  });

  it("is refused on a node that there is not, with what may have been meant", () => {
    expect(errorOf(() => struck({ strikes: "proxy" }, "proxi-2"))).toEqual([
      "no node 'proxi-2' in the lab",
      "did you mean proxy-2? one of proxy-1, proxy-2",
    ]);
  });

  it("is refused in a lab without such nodes", () => {
    expect(() => targetsOf(fault({}), [], undefined, undefined)).toThrow(
      "the lab has no node that some-fault can strike",
    );
  });

  it("that there is not is refused before anything is asked of the lab, with what may have been meant", async () => {
    const docker = useFakeDocker("");
    await expect(inject(labOfTest(), "nginx-krash")).rejects.toThrow("no fault 'nginx-krash'");
    expect(docker.calls()).toEqual([]);
    expect(errorOf(() => faultNamed(faults, "nginx-krash"))[1]).toMatch(/^did you mean nginx-crash\? one of \w/);
    expect(errorOf(() => faultNamed(faults, "earthquake"))[1]).toMatch(/^one of \w/);
  });
});

describe("an outage of a zone", () => {
  it("takes the machines and the endpoints of the zone, and no others", async () => {
    const lab: LabState = {
      ...labOfTest(),
      nodes: [...nodes.slice(0, 2), { ...nodes[2]!, zone: "eu-west-1b" }],
      endpoints: ["a", "b"].map((letter, index) => ({
        ...{ privateIp: `10.80.${index}.254`, zone: `eu-west-1${letter}` },
      })),
    };
    const docker = useFakeDocker(
      `case "$*" in *addresses.json) echo '{ "addresses": [] }' ;; exec*) echo "at 1.5" ;; esac`,
    );
    expect(await inject(lab, "zone-off", "proxy-1")).toEqual({ at: 1500 });
    const calls = docker.calls();
    expect(calls.filter((call) => call.startsWith("kill ")).sort()).toEqual(["kill lab-bastion", "kill lab-proxy-1"]);
    expect(calls.filter((call) => call.includes("counter drop"))).toEqual(["    ip daddr 10.80.0.254 counter drop"]);
  });
});

describe("healing", () => {
  /** Docker that says of the machines of the test's lab in which state they are. */
  const dockerWith = (lab: LabState, state: string) =>
    useFakeDocker(
      `case "$1" in ps) ${lab.nodes.map(({ container }) => `echo ${container} ${state};`).join(" ")} ;; esac`,
    );

  it("needs two commands for each machine when nothing is broken", async () => {
    const lab = labOfTest();
    const docker = dockerWith(lab, "running");
    await heal(lab);
    const commands = docker.calls().filter((call) => /^(exec|update|unpause|start|ps) /.test(call));
    const of = (kind: string) => commands.filter((call) => call.startsWith(`${kind} `));
    expect(of("exec")).toHaveLength(lab.nodes.length + 1);
    expect(of("update")).toHaveLength(lab.nodes.length);
    expect(commands).toHaveLength(2 * lab.nodes.length + 2);
  });

  it.each([
    ["paused", "unpause"],
    ["exited", "start"],
  ])("brings back a machine that is %s", async (state, command) => {
    const lab = labOfTest();
    const docker = dockerWith(lab, state);
    await heal(lab);
    for (const { container } of lab.nodes) expect(docker.calls()).toContain(`${command} ${container}`);
  });

  it("names the node that does not come back, and how to see why", async () => {
    const lab = labOfTest();
    useFakeDocker(`case "$*" in *${lab.nodes[1]?.container}*) exit 1 ;; esac`);
    await expect(heal(lab)).rejects.toMatchObject({
      message: "proxy-1 did not come back",
      details: { fix: expect.stringContaining("npx registry-cluster lab logs proxy-1") },
    });
  });
});

/** Message and fix of what is thrown. */
function errorOf(run: () => unknown): [string, string] {
  try {
    run();
  } catch (error) {
    const { message, details } = error as Error & { details: { fix: string } };
    return [message, details.fix];
  }
  throw new Error("nothing was thrown");
}
