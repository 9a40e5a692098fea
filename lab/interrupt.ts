const controller = new AbortController();

/** Aborted when the operator presses Ctrl-C or the process is told to end. Long work must take heed of it. */
export const interrupted: AbortSignal = controller.signal;

/** From now on, the first Ctrl-C lets the running step end and clean up; a second one ends the process at once. */
export function catchInterrupts(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => controller.abort(new Error("interrupted")));
  }
}
