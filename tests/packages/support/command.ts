import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface CommandOptions {
  readonly directory: string;
  /** Folders before those of PATH. */
  readonly path?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

let count = 0;

/** Runs commands of a shell. @returns what they print. Rejects, with that, when one fails. */
export async function run(commands: string, options: CommandOptions): Promise<string> {
  const { directory, path = [], environment = {} } = options;
  const file = join(tmpdir(), `signpost-command-${process.pid}-${count++}`);
  const output = openSync(file, "w");
  try {
    const child = spawn("bash", ["-ec", commands], {
      cwd: directory,
      // Nothing else: what npm hands to its children, as to this process, would make another npm work in another folder.
      env: {
        PATH: [...path, process.env["PATH"]].join(":"),
        HOME: process.env["HOME"],
        ...environment,
      },
      stdio: ["ignore", output, output],
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    const printed = readFileSync(file, "utf8");
    if (code !== 0) throw new Error(`${commands.trim()}\nends with ${String(code)}:\n${printed}`);
    return printed;
  } finally {
    closeSync(output);
    rmSync(file);
  }
}
