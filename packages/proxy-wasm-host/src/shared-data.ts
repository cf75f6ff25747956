import { Status } from "./abi/status.ts";
import { toBinaryString } from "./bytes.ts";

interface Item {
  value: Uint8Array;
  cas: number;
}

/** Key-value data, each of the VMs that share a VM id, with compare-and-swap. */
export class SharedData {
  readonly #items = new Map<string, Item>();
  // One counter for all keys, as in proxy-wasm-cpp-host; 0 means "whatever is there" and is never given out.
  #nextCas = 1;

  get(vmId: string, key: Uint8Array): Readonly<Item> | undefined {
    return this.#items.get(itemName(vmId, key));
  }

  /** Sets the value; a `cas` other than 0 must be the one of the present value, if there is one. */
  set(vmId: string, key: Uint8Array, value: Uint8Array, cas: number): Status {
    const name = itemName(vmId, key);
    const present = this.#items.get(name);
    if (present !== undefined && cas !== 0 && cas !== present.cas) return Status.CasMismatch;
    this.#items.set(name, { value, cas: this.#takeCas() });
    return Status.Ok;
  }

  #takeCas(): number {
    const cas = this.#nextCas;
    this.#nextCas = cas === 0xffffffff ? 1 : cas + 1;
    return cas;
  }
}

function itemName(vmId: string, key: Uint8Array): string {
  return `${vmId}\0${toBinaryString(key)}`;
}
