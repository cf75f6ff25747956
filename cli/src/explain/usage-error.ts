/** What somebody asked of the command line makes no sense; the message says what would. */
export class UsageError extends Error {}
