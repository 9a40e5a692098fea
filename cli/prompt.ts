import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { interrupted } from "../common/interrupt.ts";

/**
 * Asks on the terminal.
 *
 * @param isHidden whether the terminal shows neither the question nor what is typed
 * @returns the answer; empty when the input ends
 */
export async function ask(question: string, { isHidden = false } = {}): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = isHidden ? { output: nowhere, terminal: true } : { output: process.stdout };
  const terminal = createInterface({ input: process.stdin, ...output });
  // It takes Ctrl-C from the terminal before the process sees it.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const end = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    return await Promise.race([terminal.question(question, { signal: interrupted }), end]);
  } finally {
    terminal.close();
  }
}
