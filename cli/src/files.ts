import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";

/** The name that stands for standard input. */
export const STDIN = "-";

/** The text of a file, or of standard input. @throws where there is none, or it is not UTF-8 */
export async function readText(file: string): Promise<string> {
  const bytes = file === STDIN ? await buffer(process.stdin) : readFileSync(file);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Why a file could not be read, without the noise of system calls. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS.get(code) ?? (error instanceof Error ? error.message : String(error));
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["EISDIR", "it is a directory"],
  ["EACCES", "permission denied"],
  ["ERR_ENCODING_INVALID_ENCODED_DATA", "it is not UTF-8"],
]);
