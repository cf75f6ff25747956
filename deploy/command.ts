import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What a program that ended has left. */
export interface Completed {
  /** Its exit code; 128 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end.
 *
 * @param input for its standard input
 * @throws an error with code ENOENT when there is no such program
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Completed> {
  const child = spawn(program, args, { env: { ...process.env, ...options.env } });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
  // A program that ends early closes its end; its exit code says more.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}
