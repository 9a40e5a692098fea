/** Runs a part of the work that the operator sees as one line, with its progress and elapsed time. */
export type StepRunner = <T>(title: string, run: (onProgress: Progress) => Promise<T>) => Promise<T>;

export type Progress = (text: string) => void;

/** Shows nothing: for scripts. */
export const silently: StepRunner = (_title, run) => run(() => {});
