import { NO_BYTES, concatenate, toText } from "./bytes.ts";

/** Body bytes on their way through the filters; a filter may change them in place, as it may Envoy's `Buffer`. */
export class Body {
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array = NO_BYTES) {
    this.#bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get text(): string {
    return toText(this.#bytes);
  }

  append(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#bytes = concatenate([this.#bytes, bytes]);
  }

  prepend(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#bytes = concatenate([bytes, this.#bytes]);
  }

  replace(bytes: Uint8Array): void {
    this.#bytes = bytes;
  }

  /** Everything `from` holds moves to the end of this body. */
  moveFrom(from: Body): void {
    if (from === this) return;
    this.append(from.#bytes);
    from.#bytes = NO_BYTES;
  }
}
