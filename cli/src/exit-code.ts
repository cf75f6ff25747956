/** What the command's exit code says. */
export const ExitCode = {
  Valid: 0,
  /** There are errors in a file. */
  Invalid: 1,
  /** A wrong command line, or a file that cannot be read. */
  Unusable: 2,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
