/** Exit codes of deploy.sh, as `signpost` has them. */
export const ExitCode = { Done: 0, Failed: 1, Unusable: 2 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What stops a command, in words for whoever runs it: what is wrong, where, and what would be right. */
export class Failure extends Error {
  readonly code: ExitCode;

  /** @param code `Unusable` where nothing was tried: a wrong command line, a tool, the cluster or a right that is missing */
  constructor(message: string, code: ExitCode = ExitCode.Failed) {
    super(message);
    this.code = code;
  }
}

/** A failure before anything was tried. */
export function unusable(message: string): Failure {
  return new Failure(message, ExitCode.Unusable);
}
