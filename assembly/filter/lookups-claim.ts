import { ByteBuffer, OwnedBytes } from "as-bytes/assembly";
import { Once, OnceProperty } from "./once-property";

/** What the names of the properties begin with; the configuration's fingerprint follows. */
const PREFIX: string = "signpost.routed.";

/** How many instances of this VM have a configuration, by its fingerprint. */
const instances = new Map<u64, i32>();

/**
 * Keeps two instances with equal configurations from routing one request twice. A chain has two while a gateway goes from one
 * form of delivery to another, as from a WasmPlugin to a TrafficExtension: the old one is deleted when the new one runs. The
 * second one would look up the path that the first one made, and remove the headers that it set.
 *
 * The first instance marks the request. Instances of one module share a VM, which knows that there are two: with one alone nothing
 * is marked, and no call is made.
 */
export class LookupsClaim {
  private name: OwnedBytes;
  private mark: OnceProperty;
  private isHeld: bool = true;

  /** To be made when the root is configured; `fingerprint` is the configuration's. */
  constructor(private fingerprint: u64) {
    const text = new ByteBuffer().text(PREFIX).text(fingerprint.toString(16));
    const name = new OwnedBytes(text.view());
    text.dispose();
    this.name = name;
    this.mark = new OnceProperty(name.view());
    this.mark.declareReadOnly();
    instances.set(fingerprint, countOf(fingerprint) + 1);
  }

  /** Asks for the request of the effective context, once for each: who is first looks its records up. */
  take(): Once {
    return countOf(this.fingerprint) < 2 ? Once.First : this.mark.set(this.name.view());
  }

  /** The configuration goes. */
  dispose(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    const left = countOf(this.fingerprint) - 1;
    if (left > 0) instances.set(this.fingerprint, left);
    else instances.delete(this.fingerprint);
  }
}

function countOf(fingerprint: u64): i32 {
  return instances.has(fingerprint) ? instances.get(fingerprint) : 0;
}
