import { Listr, PRESET_TIMER } from "listr2";
import { interrupted } from "../lab/interrupt.ts";
import type { StepRunner } from "../lab/lab.ts";

/**
 * Runs a step and shows it with its progress and elapsed time: live on a terminal, line by line elsewhere.
 *
 * @throws what the step threw.
 */
export const step: StepRunner = async (title, run) => {
  interrupted.throwIfAborted();
  let result: Awaited<ReturnType<typeof run>> | undefined;
  const task = async (_context: unknown, line: { output: string }) => {
    result = await run((text) => {
      if (text !== line.output) line.output = text;
    });
  };
  await new Listr([{ title, task }], {
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: true, showErrorMessage: false },
    fallbackRenderer: "simple",
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
  return result as Awaited<ReturnType<typeof run>>;
};
