import { ByteBuffer, NONE, OwnedBytes, Slice, byteAt, equal, isPresent, persist } from "as-bytes/assembly";
import {
  HeaderMap,
  HeaderPairs,
  PairsBuilder,
  Status,
  getHeader,
  headerPairs,
  lastStatus,
} from "as-proxy-wasm-sdk/assembly";
import { HeaderSource } from "../request/client-request";
import { couldNot } from "./host-status";

const COLON: i32 = 0x3a;
const COOKIE = persist("cookie");
const BETWEEN_COOKIES = persist("; ");
const BETWEEN_VALUES = persist(",");

/**
 * The client's request headers, as the proxy has them. Reading one pseudo-header is one call to the host, reading all
 * headers at once costs about three such calls: which is cheaper is known once the configuration is. Other headers are
 * always read from all of them, because the host gives only the first value of a repeated header, and the upstream may
 * act on another one.
 */
export class ClientHeaders extends HeaderSource {
  private all: HeaderPairs | null = null;
  private allRead: bool = false;
  private unreadable: bool = false;
  private isSnapshot: bool = false;
  private joinedValues: Array<OwnedBytes> = [];
  private joining: ByteBuffer = new ByteBuffer();

  constructor(
    /** Whether even a pseudo-header is best read from all headers, because so many of them are needed. */
    private preferAll: bool,
  ) {
    super();
  }

  /**
   * Forgets what was read for another request or in an earlier callback. With a snapshot, which `snapshot` made, the
   * request is the one that it shows: the proxy does not let go of headers that have gone on already.
   */
  begin(snapshot: OwnedBytes | null = null): void {
    this.all = null;
    this.unreadable = false;
    this.isSnapshot = snapshot != null;
    if (snapshot) {
      const pairs = new HeaderPairs();
      this.allRead = pairs.parse(snapshot.view());
      this.unreadable = !this.allRead;
      this.all = pairs;
    }
    if (this.joinedValues.length > 0) this.joinedValues = [];
  }

  get(name: Slice): Slice {
    if (!this.preferAll && !this.isSnapshot && byteAt(name, 0) == COLON) {
      const value = getHeader(HeaderMap.RequestHeaders, name);
      if (couldNot(lastStatus())) this.unreadable = true;
      return value;
    }
    const all = this.readAll();
    const first = all.indexOf(name);
    if (first < 0) return NONE;
    const second = all.indexOf(name, first + 1);
    return second < 0 ? all.value(first) : this.joined(all, name, first);
  }

  /** Whether something could not be read since `begin`: what looked missing may be there. */
  get isUnreadable(): bool {
    return this.unreadable;
  }

  /**
   * Whether the client may have sent this header: only a host that says it is not there is believed. Does not read all
   * headers to know it.
   */
  mayHave(name: Slice): bool {
    const all = this.all;
    if (all && this.allRead) return all.indexOf(name) >= 0;
    return isPresent(getHeader(HeaderMap.RequestHeaders, name)) || couldNot(lastStatus());
  }

  /** A copy of all headers, to be looked at when the request is out of reach; null when they cannot be read. */
  snapshot(): OwnedBytes | null {
    const all = this.readAll();
    if (!this.allRead) return null;
    const pairs = new PairsBuilder();
    for (let i = 0; i < all.count; i++) pairs.add(all.name(i), all.value(i));
    return pairs.valid ? new OwnedBytes(pairs.view()) : null;
  }

  private readAll(): HeaderPairs {
    const known = this.all;
    if (known) return known;
    const all = headerPairs(HeaderMap.RequestHeaders);
    this.all = all;
    this.allRead = lastStatus() == Status.Ok;
    if (!this.allRead) this.unreadable = true;
    return all;
  }

  /** All values of a repeated header as one: a list (RFC 9110 §5.2), or one string of cookies (RFC 9113 §8.2.3). */
  private joined(all: HeaderPairs, name: Slice, first: i32): Slice {
    const separator = equal(name, COOKIE) ? BETWEEN_COOKIES : BETWEEN_VALUES;
    const joining = this.joining.clear();
    for (let at = first; at >= 0; at = all.indexOf(name, at + 1)) {
      if (at != first) joining.bytes(separator);
      joining.bytes(all.value(at));
    }
    const value = new OwnedBytes(joining.view());
    this.joinedValues.push(value);
    return value.view();
  }
}
