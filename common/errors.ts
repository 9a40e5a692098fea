/** A failure that the operator can act on: what went wrong, why, how to mend it, and where the log is. */
export class OperatorError extends Error {
  constructor(
    message: string,
    readonly details: { readonly cause?: string; readonly fix: string; readonly log?: string },
  ) {
    super(message);
    this.name = "OperatorError";
  }

  /** The message and its details, one per line. */
  describe(): string {
    const { cause, fix, log } = this.details;
    return [this.message, cause && `  why:  ${cause}`, `  mend: ${fix}`, log && `  log:  ${log}`]
      .filter(Boolean)
      .join("\n");
  }
}

/** The command line is wrong; nothing was done. */
export class UsageError extends OperatorError {}

/** A failure that a retry cannot mend: the input has to change. */
export class PermanentError extends OperatorError {}
