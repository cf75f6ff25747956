import { createClient } from "redis";
import type { RouteRecord } from "./records.ts";

/** Commands that may wait for a Redis that does not answer; more fail at once, so that memory stays bounded. */
const MAX_WAITING = 1_000;

/** The records in Redis, where the filters of all gateways find them. */
export class SharedRecords {
  /** Writes that Redis confirmed, and those that failed. */
  readonly counts = { written: 0, failed: 0 };
  readonly #client: ReturnType<typeof recordsClient> | null;
  readonly #prefix: string;
  readonly #ttl: number;

  /**
   * @param url of Redis; empty: there is none, and nothing is shared
   * @param prefix the filter's `webdis.keyPrefix`
   * @param ttl how long Redis keeps a record, in milliseconds
   */
  constructor(url: string, prefix: string, ttl: number) {
    this.#prefix = prefix;
    this.#ttl = ttl;
    this.#client = url === "" ? null : recordsClient(url);
    // The client connects again by itself; a failed write is counted where it fails.
    this.#client?.on("error", (error: Error) => {
      console.error(`Redis: ${error.message}`);
    });
  }

  /** Begins to connect. Without Redis the service still answers, from SQL. */
  connect(): void {
    this.#client?.connect().catch((error: unknown) => {
      console.error("Redis:", error);
    });
  }

  /** Stores a record; never rejects, as no answer of the service depends on it. */
  async write(key: string, record: RouteRecord): Promise<void> {
    await this.#count(this.#client?.pSetEx(this.#prefix + key, this.#ttl, JSON.stringify(record)));
  }

  /** Forgets a record that has changed; never rejects. */
  async forget(key: string): Promise<void> {
    await this.#count(this.#client?.del(this.#prefix + key));
  }

  async #count(command: Promise<unknown> | undefined): Promise<void> {
    if (command === undefined) {
      return;
    }
    try {
      await command;
      this.counts.written++;
    } catch (error) {
      this.counts.failed++;
      console.error("Redis:", error);
    }
  }
}

function recordsClient(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    // CLIENT SETINFO is not among the few commands this user may run.
    disableClientInfo: true,
  });
}
