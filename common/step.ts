/** Runs a step of the work. The operator sees it as one line with its progress and elapsed time. */
export type StepRunner = <T>(title: string, run: (onProgress: Progress) => Promise<T>) => Promise<T>;

export type Progress = (text: string) => void;

/** Shows nothing: for scripts. */
export const silently: StepRunner = (_title, run) => run(() => {});
