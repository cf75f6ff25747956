import { setTimeout as delay } from "node:timers/promises";
import type { Program } from "./process.ts";

/** How long a part may take to become ready, in milliseconds: generous, for a machine with other work to do. */
const READY_LIMIT = 60_000;

/** Between two probes, in milliseconds. */
const PROBE_INTERVAL = 20;

/**
 * Waits for `ready`, and fails when the program ends first or the time limit passes.
 *
 * @param ready settles when the program serves; is told to give up by the signal
 */
export async function whenReady<T>(program: Program, ready: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    giveUp.abort(new Error(`not ready after ${READY_LIMIT / 1000} s`));
  }, READY_LIMIT);
  const ended = program.ended.then((sentence) => {
    throw new Error(`${sentence} before it was ready`);
  });
  const timedOut = new Promise<never>((_, reject) => {
    giveUp.signal.addEventListener("abort", () => {
      reject(giveUp.signal.reason as Error);
    });
  });
  try {
    return await Promise.race([ready(giveUp.signal), ended, timedOut]);
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
