import { OperatorError } from "../../../common/errors.ts";
import { type LabState, readState } from "../../../lab/state.ts";

/** Shared by the benches that break the lab. */

export function runningLab(): LabState {
  const lab = readState("registry");
  if (!lab) throw new OperatorError("the lab is not up", { fix: "npm start" });
  return lab;
}

/** Aborted at the first Ctrl-C; a second one ends the process. */
export function endAfterThisRun(): AbortSignal {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const end = (signal: NodeJS.Signals) => {
    if (!controller.signal.aborted) {
      console.error(
        "ends after this run; Ctrl-C again ends it at once, and `npx registry-cluster lab heal` mends the lab",
      );
      return controller.abort();
    }
    // Not earlier: execa takes a signal without other listeners for the end of this process.
    for (const registered of signals) process.off(registered, end);
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, end);
  return controller.signal;
}
