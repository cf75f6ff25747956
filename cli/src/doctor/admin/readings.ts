import { type Stats, countOf } from "./stats.ts";

const UPTIME = "server.uptime";

/** What a proxy counts: since it started or, with an earlier reading of its statistics, since that one. */
export class Readings {
  readonly #earlier: Stats | undefined;

  readonly #seconds: number;

  /**
   * @param now the last reading, where gauges are read
   * @param seconds between the two; where they are not known, Envoy's uptime tells, which it updates every few seconds
   */
  constructor(
    readonly now: Stats,
    earlier: Stats | undefined,
    seconds?: number,
  ) {
    const uptime = countOf(now, UPTIME) - countOf(earlier ?? new Map(), UPTIME);
    // After a restart all counts began anew.
    this.#earlier = uptime < 0 ? undefined : earlier;
    this.#seconds = seconds ?? uptime;
  }

  /** How much a counter went up. */
  count(name: string): number {
    const [now, before] = [countOf(this.now, name), countOf(this.#earlier ?? new Map(), name)];
    // A counter that went down began anew.
    return now < before ? now : now - before;
  }

  /** Counters below a prefix that went up, by what their names have after it. */
  countsBelow(prefix: string): [string, number][] {
    return [...this.now.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name): [string, number] => [name.slice(prefix.length), this.count(name)])
      .filter(([, count]) => count > 0);
  }

  /** As in `since Envoy started`, or `in 10 s (0.5 a second)` of a count. */
  period(count: number): string {
    if (this.#earlier === undefined) return "since Envoy started";
    const seconds = this.#seconds;
    return seconds > 0 ? `in ${rounded(seconds)} s (${rounded(count / seconds)} a second)` : "between the two readings";
  }
}

function rounded(rate: number): string {
  return rate.toPrecision(2).includes("e") ? String(Math.round(rate)) : String(Number(rate.toPrecision(2)));
}
