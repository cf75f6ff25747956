import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";

/** The name that stands for standard input. */
export const STDIN = "-";

/**
 * The text of a file, or of standard input, without a byte order mark: in UTF-8 it says nothing, and editors that write one do
 * not show it. @throws where there is none, or it is not UTF-8
 */
export async function readText(file: string): Promise<string> {
  const bytes = file === STDIN ? await buffer(process.stdin) : readFileSync(file);
  if (isUtf16(bytes)) throw new Error("it is UTF-16, as PowerShell's > writes it: save it as UTF-8");
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** Whether bytes begin with the byte order mark of UTF-16. */
function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
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
