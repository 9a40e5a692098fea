import { Listr, PRESET_TIMER } from "listr2";
import { asOperatorError } from "../common/foreign-errors.ts";
import { interrupted } from "../common/interrupt.ts";
import { shownInLine } from "../common/shown.ts";
import type { StepRunner } from "../common/step.ts";
import { withoutLogins } from "../common/url-logins.ts";

/** A terminal updates one line in place; elsewhere each report is a log line, and there should be few. */
const [repeatAfterMs, changeAfterMs] = process.stdout.isTTY ? [1_000, 0] : [10_000, 2_000];

/**
 * Runs a step and shows it with its progress and elapsed time: live on a terminal, line by line elsewhere.
 *
 * @throws what the step threw.
 */
export const step: StepRunner = async (title, run) => {
  interrupted.throwIfAborted();
  let result: Awaited<ReturnType<typeof run>> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const task = async (_context: unknown, line: { output: string }) => {
    const start = Date.now();
    let progress = "working";
    let reportedAt = 0;
    const report = () => {
      reportedAt = Date.now();
      line.output = `${shownInLine(progress)} [${Math.round((reportedAt - start) / 1_000)}s]`;
    };
    const timer = setInterval(report, repeatAfterMs);
    try {
      result = await run((text) => {
        const isNews = text !== progress;
        progress = text;
        if (isNews && Date.now() - reportedAt >= changeAfterMs) report();
      });
    } catch (error) {
      failure = { error };
      const { message } = asOperatorError(error);
      throw new Error(shownInLine(withoutLogins(message)));
    } finally {
      clearInterval(timer);
    }
  };
  const steps = new Listr([{ title: shownInLine(title), task }], {
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: true, showErrorMessage: false },
    fallbackRenderer: "simple",
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
  await steps.run().catch((error: unknown) => {
    throw failure ? failure.error : error;
  });
  return result as Awaited<ReturnType<typeof run>>;
};
