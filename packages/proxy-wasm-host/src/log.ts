import { LOG_LEVELS, type LogLevel } from "./abi/types.ts";
import type { VmName } from "./journal.ts";

/** A line in Envoy's log. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly vm: VmName;
  readonly vmId: string;
  /** The context that logged; undefined for a line of the host itself, such as the report of a trap. */
  readonly contextId: number | undefined;
}

/** What the modules log, and what the host says about them. */
export class Log {
  /** Lines below this level are dropped; `proxy_get_log_level` tells it. */
  level: LogLevel;
  readonly entries: LogEntry[] = [];

  constructor(level: LogLevel) {
    this.level = level;
  }

  write(entry: LogEntry): void {
    if (LOG_LEVELS.indexOf(entry.level) >= LOG_LEVELS.indexOf(this.level)) this.entries.push(entry);
  }
}
