import { setTimeout as delay } from "node:timers/promises";
import type { Program } from "./process.ts";

/** How long anything is waited for, in milliseconds: generous, for a machine with other work to do. */
const LIMIT = 180_000;

/** Between two probes, in milliseconds. */
const PROBE_INTERVAL = 20;

/**
 * Waits for something a running program does, and fails when the program ends first or the time limit passes.
 *
 * @param what it has done then, for the error: "served"
 * @param wait settles when it has done it; is told to give up by the signal
 */
export async function whileRunning<T>(
  program: Program,
  what: string,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    giveUp.abort(new Error(`${program.name} has not ${what} after ${LIMIT / 1000} s`));
  }, LIMIT);
  const ended = program.ended.then((sentence) => {
    throw new Error(`${sentence} before it ${what}`);
  });
  const timedOut = new Promise<never>((_, reject) => {
    giveUp.signal.addEventListener("abort", () => {
      reject(giveUp.signal.reason as Error);
    });
  });
  try {
    return await Promise.race([wait(giveUp.signal), ended, timedOut]);
  } finally {
    clearTimeout(timer);
    giveUp.abort(new Error("no longer waited for"));
  }
}

/** Repeats `probe` until it gives something, or the signal says to stop; a probe that throws is a "not yet". */
export async function until<T>(signal: AbortSignal, probe: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await probe().catch(() => undefined);
    if (found !== undefined) {
      return found;
    }
    await delay(PROBE_INTERVAL, undefined, { signal });
  }
}
