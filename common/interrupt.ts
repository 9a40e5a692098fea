import { setMaxListeners } from "node:events";

const controller = new AbortController();
// Every program that runs listens, and how many run at once depends on the size of the cluster.
setMaxListeners(0, controller.signal);

/** Aborted when the operator presses Ctrl-C or the process is told to end. Long work must take heed of it. */
export const interrupted: AbortSignal = controller.signal;

/** From now on, the first Ctrl-C ends the running step and lets it clean up; a second one ends the process at once. */
export function catchInterrupts(): void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const interrupt = (signal: NodeJS.Signals) => {
    // Stays registered: execa would take a signal that nobody else listens to for the end of this process.
    if (!interrupted.aborted) return controller.abort(new Error("interrupted"));
    for (const registered of signals) process.off(registered, interrupt);
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, interrupt);
}
