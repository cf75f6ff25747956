import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export const ROOT = join(import.meta.dirname, "../../..");
const BUNDLE = join(ROOT, "cli/dist/signpost.js");

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** What standard input holds. */
  input?: string;
  directory?: string;
  environment?: Record<string, string>;
}

/** Runs the command line as it is built. */
export async function signpost(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  if (!existsSync(BUNDLE)) throw new Error("the command line is not built: run ./build.sh cli");
  return run(process.execPath, [BUNDLE, ...args], options);
}

export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(command, args, {
    cwd: options.directory ?? ROOT,
    env: { ...process.env, ...options.environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  // Who has found fault with its arguments does not read on.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

export interface JsonDiagnostic {
  severity: "error" | "warning" | "note";
  path: string;
  line: number | null;
  column: number | null;
  message: string;
  hint?: string;
  document: string | null;
}

export interface JsonReport {
  files: { file: string; valid: boolean; diagnostics: JsonDiagnostic[] }[];
}

/** What `check --json` says about these files. */
export async function checkJson(args: readonly string[], options: RunOptions = {}): Promise<Outcome & JsonReport> {
  const outcome = await signpost(["check", "--json", ...args], options);
  return { ...outcome, ...(JSON.parse(outcome.stdout) as JsonReport) };
}

/** A directory of its own, which goes with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "signpost-cli-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A file of this text in a directory of its own. */
export function fileWith(content: string, name = "signpost.yaml"): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, content);
  return file;
}
