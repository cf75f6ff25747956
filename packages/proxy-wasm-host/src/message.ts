import { toText, concatenate } from "./bytes.ts";
import type { HeaderMap } from "./header-map.ts";

/** A request or response as the peer gets it. */
export class Message {
  readonly headers: HeaderMap;
  readonly #chunks: Uint8Array[] = [];
  trailers: HeaderMap | undefined;
  /** Whether its end has been sent. */
  complete = false;

  constructor(headers: HeaderMap) {
    this.headers = headers;
  }

  /** `:status` of a response. */
  get status(): number {
    return Number(this.headers.get(":status") ?? Number.NaN);
  }

  get body(): Uint8Array {
    return concatenate(this.#chunks);
  }

  get text(): string {
    return toText(this.body);
  }

  /** The chunks that have arrived, empty ones left out. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
  }
}
