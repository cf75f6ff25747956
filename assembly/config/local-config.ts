import { YEAR, MINUTE, SECOND } from "./duration";
import { Fields } from "./fields";
import { KIB, MIB } from "./size";
import { Value } from "./value";

export const MAX_ENTRIES: i32 = 1_000_000;
const LEAST_BYTES: i64 = 64 * KIB;
const MOST_BYTES: i64 = 256 * MIB;

/** The bounds of a store in a worker's VM. */
export class StoreBounds {
  constructor(
    public maxEntries: i32,
    public maxBytes: i64,
  ) {}

  readBounds(fields: Fields): void {
    this.maxEntries = fields.get("maxEntries").integer(this.maxEntries, 1, MAX_ENTRIES);
    this.maxBytes = fields.get("maxBytes").size(this.maxBytes, LEAST_BYTES, MOST_BYTES);
  }
}

/** What a worker keeps of a lookup's answers, and for how long. Times are milliseconds. */
export class LocalConfig extends StoreBounds {
  /** How long a record is fresh that does not say itself. */
  ttl: i64 = 30 * SECOND;
  /** Up to so much of its time, in percent, a record expires early, so that not all expire at once. */
  jitter: f64 = 10;
  /** How long it is known that there is no record. */
  negativeTtl: i64 = 5 * SECOND;
  /** So long before it expires a record is refreshed, if it is in use. */
  refreshAhead: i64 = 3 * SECOND;
  /** So long after it expired a record is served while it is refreshed. */
  staleWhileRevalidate: i64 = MINUTE;
  /** So long after it expired a record is served when it cannot be refreshed. */
  staleIfError: i64 = 10 * MINUTE;

  constructor() {
    super(10_000, 8 * MIB);
  }

  /** The section `local` of a lookup, which is there unless it is `false`: null then, and after an error. */
  static read(value: Value): LocalConfig | null {
    if (value.isFalse) return null;
    const config = new LocalConfig();
    if (!value.isGiven) return config;
    const fields = Fields.of(value);
    if (!fields) return null;
    config.ttl = fields.get("ttl").duration(config.ttl, 0, YEAR);
    config.jitter = fields.get("jitter").percentage(config.jitter);
    config.negativeTtl = fields.get("negativeTtl").duration(config.negativeTtl, 0, YEAR);
    config.refreshAhead = fields.get("refreshAhead").duration(config.refreshAhead, 0, YEAR);
    config.staleWhileRevalidate = fields.get("staleWhileRevalidate").duration(config.staleWhileRevalidate, 0, YEAR);
    config.staleIfError = fields.get("staleIfError").duration(config.staleIfError, 0, YEAR);
    config.readBounds(fields);
    fields.finish();
    return config;
  }
}
