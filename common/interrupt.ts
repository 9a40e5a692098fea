import { setMaxListeners } from "node:events";

const controller = new AbortController();
// Every running program adds a listener, and their number grows with the cluster.
setMaxListeners(0, controller.signal);

/** Aborted when the operator presses Ctrl-C or a signal asks the process to end. Long work must observe it. */
export const interrupted: AbortSignal = controller.signal;

/** From now on, the first Ctrl-C ends the running step and lets it clean up; a second one ends the process at once. */
export function catchInterrupts(): void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const interrupt = (signal: NodeJS.Signals) => {
    // Stays registered: if nobody else listens to a signal, execa assumes that it ends this process.
    if (!interrupted.aborted) return controller.abort(new Error("interrupted"));
    for (const registered of signals) process.off(registered, interrupt);
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, interrupt);
}
