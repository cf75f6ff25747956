import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Part } from "./part.ts";

/** A new directory for the logs and files of parts. */
export function scratchDirectory(): string {
  return mkdtempSync(`${tmpdir()}/signpost-`);
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Starts parts that do not need one another; when one fails, waits for the others and throws its error. */
export async function startTogether(parts: readonly Part[]): Promise<void> {
  const starts = await Promise.allSettled(parts.map((part) => part.start()));
  for (const start of starts) {
    if (start.status === "rejected") {
      throw start.reason;
    }
  }
}

/** Stops parts one after the other, the last first. */
export async function stopAll(parts: readonly Part[]): Promise<void> {
  for (const part of [...parts].reverse()) {
    await part.stop();
  }
}
