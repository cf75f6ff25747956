import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { LoadPlan, Order, Sample } from "./load-generator.ts";

export type { Sample } from "./load-generator.ts";

/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How long anything is waited for, in milliseconds: only what never happens is to fail. */
const PATIENCE = 120_000;

/** Milliseconds since 1970, by the same clock as the samples. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** A load that goes on until it is stopped, in a process of its own: what the test does meanwhile does not slow it. */
export class Load {
  readonly #samples: Sample[] = [];
  readonly #generator: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(plan: LoadPlan) {
    const program = fileURLToPath(new URL("./load-generator.ts", import.meta.url));
    this.#generator = fork(program, [JSON.stringify(plan)], { execArgv: ["--import", import.meta.resolve("tsx")] });
    this.#generator.on("message", (message: readonly Sample[] | "settled") => {
      if (message !== "settled") this.#samples.push(...message);
    });
    this.#ended = once(this.#generator, "exit").then(() => {
      throw new Error("the load has ended");
    });
    this.#ended.catch(() => undefined);
  }

  /** Ends the load, when the responses that are still out are here. */
  async stop(): Promise<void> {
    const exit = once(this.#generator, "exit");
    this.#order("stop");
    await exit;
  }

  /** The requests sent within the span: all of them, also those whose responses take their time. */
  async during({ from, to }: Span): Promise<readonly Sample[]> {
    const settled = new Promise<void>((resolve) => {
      const listener = (message: unknown): void => {
        if (message !== "settled") return;
        this.#generator.off("message", listener);
        resolve();
      };
      this.#generator.on("message", listener);
    });
    this.#order("settle");
    await Promise.race([settled, this.#ended]);
    return this.#sentBetween(from, to);
  }

  /** Lets the load go on for so many milliseconds. */
  async goOn(milliseconds: number): Promise<Span> {
    const from = clock();
    await Promise.race([delay(milliseconds), this.#ended]);
    return { from, to: clock() };
  }

  /** Settles when so many requests sent from now on have ended. */
  async requests(count: number): Promise<Span> {
    const from = clock();
    await this.until(`${count} requests have ended`, from, (samples) => samples.length >= count);
    return { from, to: clock() };
  }

  /**
   * Settles when the requests sent since `from` that have ended are as `done` wants them.
   *
   * @param what `done` waits for, for the error when that never is
   */
  async until(what: string, from: number, done: (samples: readonly Sample[]) => boolean): Promise<void> {
    const begun = clock();
    while (!done(this.#sentBetween(from, Infinity))) {
      if (clock() - begun > PATIENCE) throw new Error(`not after ${PATIENCE / 1_000} s: ${what}`);
      await Promise.race([once(this.#generator, "message"), this.#ended]);
    }
  }

  #order(order: Order): void {
    this.#generator.send(order);
  }

  #sentBetween(from: number, to: number): readonly Sample[] {
    return this.#samples.filter(({ at }) => at >= from && at < to);
  }
}
