/** What the command's exit code tells a script. */
export const exitCodes = {
  ok: 0,
  /** A step failed; standard error says what and why. */
  failed: 1,
  /** The config or the command line is wrong; nothing was done. */
  usage: 2,
  /** Ended by Ctrl-C; what was begun has been removed. */
  interrupted: 130,
} as const;
