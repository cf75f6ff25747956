import { ByteBuffer, OwnedBytes } from "as-bytes/assembly";
import { Status, declareReadOnlyProperty, setProperty } from "as-proxy-wasm-sdk/assembly";

/** What the names of the properties begin with; the configuration's fingerprint follows. */
const PREFIX: string = "signpost.routed.";

/** Whether the request of the effective context is an instance's to look up. */
export enum Claim {
  /** It is. */
  Own,
  /** An instance with an equal configuration already has, earlier in the chain. */
  Taken,
  /** The proxy does not say. */
  Unknown,
}

/** How many instances of this VM have a configuration, by its fingerprint. */
const instances = new Map<u64, i32>();

/**
 * Keeps two instances with equal configurations from routing one request twice. A chain has two while a gateway goes from one
 * form of delivery to another, as from a WasmPlugin to a TrafficExtension: the old one is deleted when the new one runs. The
 * second one would look up the path that the first one made, and remove the headers that it set.
 *
 * The first instance marks the request. Instances of one module share a VM, which knows that there are two: with one alone nothing
 * is marked, and no call is made. The mark is a read-only property, so that setting it says whether it was there.
 */
export class LookupsClaim {
  private property: OwnedBytes;
  private isDeclared: bool;
  private isHeld: bool = true;

  /** To be made when the root is configured; `fingerprint` is the configuration's. */
  constructor(private fingerprint: u64) {
    const name = new ByteBuffer().text(PREFIX).text(fingerprint.toString(16));
    const property = new OwnedBytes(name.view());
    name.dispose();
    this.property = property;
    const status = declareReadOnlyProperty(property.view());
    // A root that is configured again has declared it already.
    this.isDeclared = status == Status.Ok || status == Status.BadArgument;
    instances.set(fingerprint, countOf(fingerprint) + 1);
  }

  /** Asks for the request of the effective context; once for each request. */
  take(): Claim {
    if (countOf(this.fingerprint) < 2) return Claim.Own;
    if (!this.isDeclared) return Claim.Unknown;
    const property = this.property.view();
    const status = setProperty(property, property);
    if (status == Status.Ok) return Claim.Own;
    return status == Status.BadArgument ? Claim.Taken : Claim.Unknown;
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
