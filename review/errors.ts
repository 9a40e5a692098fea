/** A failure that the operator can act on: its message says what is wrong and how to mend it. */
export class ReviewError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ReviewError";
  }
}
