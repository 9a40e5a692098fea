import { readFileSync } from "node:fs";
import { join } from "node:path";
import { uninterrupted } from "../../common/program.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { ports } from "../../topology/ports.ts";
import { operatorLogin } from "../account/machine.ts";
import type { LabNode, LabState } from "../state.ts";
import type { Injected } from "./catalogue.ts";

/** Faults of a registry. Each starts an upload of its own, so that the registry always dies in the middle of one. */
export const registryFaults = {
  "registry-crash-in-patch": crashIn("patch"),
  "registry-crash-in-put": crashIn("put"),
};

function crashIn(moment: "patch" | "put"): (node: LabNode, lab: LabState) => Promise<Injected> {
  return async ({ container, privateIp }, lab) => {
    const program = readFileSync(join(import.meta.dirname, "crash_in_upload.py"), "utf8");
    const address = `${privateIp}:${ports.registry}`;
    // Passed through standard input, so that only the program sees the password.
    const input = JSON.stringify(await operatorLogin(lab));
    const at = await dockerExec(container, ["python3", "-c", program, address, moment], { ...uninterrupted, input });
    return { at: Number(at) };
  };
}
