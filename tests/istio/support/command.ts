import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What a command that ended by itself has left. */
export interface Completed {
  /** Its exit code; 128 and more when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run, beside its arguments. */
export interface CommandOptions {
  /** What it reads from standard input; nothing when not given. */
  readonly input?: string;
  /** Environment variables beside this process' own. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take, in milliseconds; two minutes when not given. */
  readonly timeout?: number;
}

/** How long a command may take of which nothing else is said, in milliseconds. */
const LIMIT = 120_000;

/** Runs a program to its end; rejects only when it cannot be started. */
export async function run(
  program: string,
  args: readonly string[],
  { input = "", env = {}, timeout = LIMIT }: CommandOptions = {},
): Promise<Completed> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, timeout });
  // A program that does not read all of its input breaks the pipe; its exit code says what of it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 128);
    });
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Runs a program that has to succeed, and gives what it printed; an error that shows what it said when it fails. */
export async function output(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) {
    throw new Error(`${program} ${args.join(" ")}: exit code ${code}\n${stderr}${stdout}`);
  }
  return stdout;
}
