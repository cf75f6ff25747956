import { StoreBounds } from "./local-config";
import { MIB } from "./size";
import { Fields } from "./fields";
import { Value } from "./value";

/** What an outage of a minute may leave, and no more than a worker can spare. */
const ENTRIES: i32 = 4096;
const BYTES: i64 = 16 * MIB;

/** What may wait to be written to Redis, in a worker's VM. */
export class WriteQueueConfig extends StoreBounds {
  private isGiven: bool = false;

  constructor() {
    super(ENTRIES, BYTES);
  }

  read(value: Value): void {
    if (!value.isGiven) return;
    const fields = Fields.of(value);
    if (!fields) return;
    this.isGiven = fields.has("maxBytes");
    this.readBounds(fields);
    fields.finish();
  }

  /** The bound in bytes where the largest value has so many: unless one is given, two of them fit. */
  bytesFor(largest: i64): i64 {
    return this.isGiven ? this.maxBytes : max(this.maxBytes, 2 * largest);
  }
}
