import { OperatorError } from "../../common/errors.ts";
import { readState } from "../../lab/state.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { type Comparison, compare } from "./timing.ts";

/** Time of a converge without changes, on a proxy of the running lab, compared to starting Salt and doing nothing. */
export async function benchConverge(): Promise<Comparison> {
  const node = readState("registry")?.nodes.find(({ role }) => role === "proxy");
  if (!node) throw new OperatorError("the lab is not up", { fix: "npm start" });
  const run = (...command: string[]) => ({ name: command.join(" "), run: () => dockerExec(node.container, command) });
  const salt = run(
    "/opt/salt/bin/salt-call",
    "--local",
    "--config-dir",
    "/var/lib/registry-cluster/current/salt",
    "test.ping",
  );
  return compare(
    "converge with nothing to do",
    run("/usr/local/sbin/registry-cluster-converge"),
    { ...salt, name: "salt-call test.ping" },
    5,
  );
}
