import { Store } from "../store/store";
import { CounterPart, GaugePart } from "./metrics";

/** How many there have been in this VM. */
let numbered: u32 = 0;

/** Tells the proxy what a store holds and has evicted; what one store holds is told once, also while two configurations hold it. */
export class StoreReport {
  private number: u32 = ++numbered;
  private entries: GaugePart;
  private bytes: GaugePart;
  private evictions: CounterPart;

  /** `prefix` is what the metrics' names begin with. */
  constructor(
    prefix: string,
    private store: Store,
  ) {
    this.entries = new GaugePart(prefix + "local.entries");
    this.bytes = new GaugePart(prefix + "local.bytes");
    this.evictions = new CounterPart(prefix + "local.evictions", store.evictions);
    // The newest configuration takes over.
    store.reporter = this.number;
  }

  send(): void {
    const store = this.store;
    if (store.reporter == 0) store.reporter = this.number;
    const isMine = store.reporter == this.number;
    this.entries.set(isMine ? store.entries : 0);
    this.bytes.set(isMine ? store.bytes : 0);
    if (isMine) this.evictions.set(store.evictions);
    else this.evictions.skip(store.evictions);
  }

  /** Takes what was added to the gauges out of them. */
  withdraw(): void {
    if (this.store.reporter == this.number) this.store.reporter = 0;
    this.entries.set(0);
    this.bytes.set(0);
  }
}
