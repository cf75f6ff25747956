import { type Bytes, fromBinaryString, toBinaryString, toBytes, toText } from "./bytes.ts";

/** A header or trailer as a test writes it. */
export type HeaderPair = readonly [name: string, value: Bytes];

/** Headers as a test writes them: pairs in order, or an object where no name repeats. */
export type HeadersInput = readonly HeaderPair[] | Readonly<Record<string, Bytes>>;

interface Entry {
  readonly name: string;
  /** One character per byte: a header value is bytes, not text. */
  value: string;
}

/**
 * Headers that Envoy keeps once ("inline"): adding another value appends it to the first with a comma. All other headers
 * repeat. (INLINE_REQ_HEADERS, INLINE_RESP_HEADERS and INLINE_REQ_RESP_HEADERS of envoy/http/header_map.h.)
 */
const INLINE_HEADERS = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "expect",
  "grpc-timeout",
  "grpc-message",
  "grpc-status",
  "keep-alive",
  "location",
  "proxy-connection",
  "proxy-status",
  "server",
  "te",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-request-id",
]);

function isPseudo(name: string): boolean {
  return name.startsWith(":");
}

/** A header or trailer map as Envoy's filters see it: names in lower case, values as bytes, pseudo-headers first. */
export class HeaderMap implements Iterable<[name: string, value: string]> {
  #entries: Entry[] = [];

  constructor(headers: HeadersInput = []) {
    const pairs: readonly HeaderPair[] = isPairs(headers) ? headers : Object.entries(headers);
    for (const [name, value] of pairs) this.add(name, value);
  }

  /** Number of entries; a repeated header counts each time. */
  get size(): number {
    return this.#entries.length;
  }

  /** Length of all names and values, in bytes. */
  get byteSize(): number {
    let size = 0;
    for (const entry of this.#entries) size += entry.name.length + entry.value.length;
    return size;
  }

  /** The first value as text (see `toText`), undefined when the header is missing; an empty value is `""`. */
  get(name: string): string | undefined {
    const bytes = this.getBytes(name);
    return bytes === undefined ? undefined : toText(bytes);
  }

  /** The first value as bytes: Envoy's host never looks at a second one. */
  getBytes(name: string): Uint8Array | undefined {
    const wanted = canonical(name);
    for (const entry of this.#entries) {
      if (entry.name === wanted) return fromBinaryString(entry.value);
    }
    return undefined;
  }

  /** Every value as text, in order. */
  getAll(name: string): string[] {
    const wanted = canonical(name);
    return this.#entries.filter((entry) => entry.name === wanted).map((entry) => toText(fromBinaryString(entry.value)));
  }

  has(name: string): boolean {
    return this.getBytes(name) !== undefined;
  }

  /** Adds a value and leaves those already there (`HeaderMap::addCopy`). */
  add(name: string, value: Bytes): void {
    const key = canonical(name);
    const text = toBinaryString(toBytes(value));
    if (isPseudo(key) || INLINE_HEADERS.has(key)) {
      const existing = this.#entries.find((entry) => entry.name === key);
      if (existing !== undefined) {
        if (text.length > 0) existing.value = existing.value.length > 0 ? `${existing.value},${text}` : text;
        return;
      }
    }
    this.#insert({ name: key, value: text });
  }

  /** Replaces every value by this one (`HeaderMap::setCopy`). */
  set(name: string, value: Bytes): void {
    const key = canonical(name);
    this.remove(key);
    this.#insert({ name: key, value: toBinaryString(toBytes(value)) });
  }

  remove(name: string): void {
    const key = canonical(name);
    this.#entries = this.#entries.filter((entry) => entry.name !== key);
  }

  clear(): void {
    this.#entries = [];
  }

  /** Every entry in order, with the value as text. */
  *[Symbol.iterator](): Iterator<[string, string]> {
    for (const entry of this.#entries) yield [entry.name, toText(fromBinaryString(entry.value))];
  }

  /** Every entry in order, with the value as bytes. */
  *pairs(): Generator<[name: string, value: Uint8Array]> {
    for (const entry of this.#entries) yield [entry.name, fromBinaryString(entry.value)];
  }

  /** For assertions: names and values; a repeated header is a list. */
  toObject(): Record<string, string | string[]> {
    const object: Record<string, string | string[]> = {};
    for (const [name, value] of this) {
      const existing = object[name];
      if (existing === undefined) object[name] = value;
      else if (Array.isArray(existing)) existing.push(value);
      else object[name] = [existing, value];
    }
    return object;
  }

  clone(): HeaderMap {
    const copy = new HeaderMap();
    copy.#entries = this.#entries.map((entry) => ({ ...entry }));
    return copy;
  }

  /** Name of the first header whose value no HTTP codec would put on the wire (CR, LF or NUL). */
  findUnsendable(): string | undefined {
    return this.#entries.find((entry) => /[\r\n\0]/.test(entry.value))?.name;
  }

  /** The first name that no request can have (RFC 9110 §5.1). */
  findInvalidName(): string | undefined {
    return this.#entries.find((entry) => !/^:?[!#$%&'*+.^_`|~0-9a-z-]+$/.test(entry.name))?.name;
  }

  #insert(entry: Entry): void {
    if (!isPseudo(entry.name)) {
      this.#entries.push(entry);
      return;
    }
    const firstRegular = this.#entries.findIndex((other) => !isPseudo(other.name));
    this.#entries.splice(firstRegular < 0 ? this.#entries.length : firstRegular, 0, entry);
  }
}

/** Envoy looks up `host` as `:authority`, so that filters need not care which of them a client has sent. */
function canonical(name: string): string {
  const lower = name.toLowerCase();
  return lower === "host" ? ":authority" : lower;
}

function isPairs(headers: HeadersInput): headers is readonly HeaderPair[] {
  return Array.isArray(headers);
}
