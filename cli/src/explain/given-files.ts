import { readFileSync, writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { STDIN, readText, reasonOf } from "../files.ts";
import { UsageError } from "./usage-error.ts";

/** The text of a file named on the command line; a `UsageError` when it cannot be had. */
export async function readGivenText(option: string, file: string): Promise<string> {
  return orUsageError(option, file, () => readText(file));
}

/** The bytes of a file named on the command line, or of standard input. */
export async function readGivenBytes(option: string, file: string): Promise<Uint8Array> {
  return orUsageError(option, file, () => (file === STDIN ? buffer(process.stdin) : readFileSync(file)));
}

/** Writes a file named on the command line. */
export function writeGivenFile(option: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}

async function orUsageError<T>(option: string, file: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}
