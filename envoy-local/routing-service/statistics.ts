/** Keys counted one by one; random keys beyond them must not fill the memory. */
const MAX_KEYS = 100_000;

/** Counts what the service was asked for: the number that a cache in front of it makes small. */
export class Statistics {
  #total = 0;
  readonly #keys = new Map<string, number>();

  countRequest(key: string): void {
    this.#total++;
    const seen = this.#keys.get(key);
    if (seen !== undefined || this.#keys.size < MAX_KEYS) {
      this.#keys.set(key, (seen ?? 0) + 1);
    }
  }

  /** Requests in all and by key, and the processor time this process has used. */
  report(): { total: number; keys: Record<string, number>; cpuSeconds: number } {
    const { user, system } = process.cpuUsage();
    return { total: this.#total, keys: Object.fromEntries(this.#keys), cpuSeconds: (user + system) / 1e6 };
  }
}
