import { ByteBuffer, NONE, Slice, byteAt, isLetter, isPresent, lengthOf, persist } from "as-bytes/assembly";
import { isTokenCharacter } from "../text/header-value";

/** The field's name. */
export const CACHE_STATUS: Slice = persist("cache-status");

const NAME = persist("signpost");
const HIT = persist("; hit");
const TTL = persist("; ttl=");

/** Why a request went on to the upstream (RFC 9211 §2.2). */
export enum Forwarded {
  /** It did not: the cache answered. */
  No,
  /** "The cache was configured to not handle this request." */
  Bypass,
  /** "The request method's semantics require the request to be forwarded." */
  Method,
  /** "The cache did not contain any responses that matched the request URI." */
  UriMiss,
  /**
   * "The cache contained a response that matched the request URI, but it could not select a response based upon this
   * request's header fields and stored Vary header fields."
   */
  VaryMiss,
  /** "The cache did not contain any responses that could be used to satisfy this request" (and it is not known which). */
  Miss,
  /**
   * "The cache was able to select a fresh response for the request, but the request's semantics (e.g., Cache-Control
   * request directives) did not allow its use."
   */
  Request,
  /** "The cache was able to select a response for the request, but it was stale." */
  Stale,
  /** "The cache was able to select a partial response for the request, but it did not contain all of the requested ranges." */
  Partial,
}

/** By `Forwarded`. */
const REASONS: StaticArray<string> = [
  "",
  "bypass",
  "method",
  "uri-miss",
  "vary-miss",
  "miss",
  "request",
  "stale",
  "partial",
];

/** What this cache did with a request, as the `Cache-Status` field says it (RFC 9211). One object serves all. */
export class CacheStatus {
  /** Whether the answer is neither a stored response nor the upstream's, but the cache's own. */
  isGenerated: bool = false;
  /** Why the request went on; `No` is a hit. */
  forwarded: Forwarded = Forwarded.No;
  /** The status that the upstream answered with, where that is not the status the client sees; 0 where there is none to tell. */
  forwardedStatus: i32 = 0;
  /** "whether the cache stored the response" (§2.5). */
  stored: bool = false;
  /** "whether this request was collapsed together with one or more other forward requests" (§2.6). */
  collapsed: bool = false;
  /** Whether `ttl` is known. */
  hasTtl: bool = false;
  /** The remaining freshness lifetime (§2.4) in milliseconds: negative where the response is stale. */
  ttl: i64 = 0;
  /** Anything else that is worth knowing (§2.8), for people; `NONE` for nothing. */
  detail: Slice = NONE;

  /** Forgets the request before. */
  clear(): void {
    this.isGenerated = false;
    this.forwarded = Forwarded.No;
    this.forwardedStatus = 0;
    this.stored = false;
    this.collapsed = false;
    this.hasTtl = false;
    this.ttl = 0;
    this.detail = NONE;
  }

  /**
   * Appends the field's value: what the caches before this one said, `existing` (`NONE` for nothing), and then this one.
   * "When adding a value to the Cache-Status header field, caches SHOULD preserve the existing field value" (§2), and the
   * list goes from the origin to the client.
   */
  append(into: ByteBuffer, existing: Slice): void {
    if (lengthOf(existing) > 0) into.bytes(existing).text(", ");
    into.bytes(NAME);
    const reason = this.forwarded;
    if (reason > Forwarded.No && reason < REASONS.length) this.appendForwarded(into, unchecked(REASONS[reason]));
    else if (!this.isGenerated) into.bytes(HIT);
    // "The property is a signed integer number of seconds": cut towards what has passed, so that nothing looks fresher.
    if (this.hasTtl) into.bytes(TTL).decimal(floorToSeconds(this.ttl));
    if (isPresent(this.detail)) appendItem(into.text("; detail="), this.detail);
  }

  private appendForwarded(into: ByteBuffer, reason: string): void {
    into.text("; fwd=").text(reason);
    if (this.forwardedStatus > 0) into.text("; fwd-status=").decimal(this.forwardedStatus);
    if (this.stored) into.text("; stored");
    if (this.collapsed) into.text("; collapsed");
  }
}

/** Appends a structured item: a token where it can be one, else a string (RFC 9651 §3.3.3, §3.3.4). */
function appendItem(into: ByteBuffer, text: Slice): void {
  if (isToken(text)) {
    into.bytes(text);
    return;
  }
  into.byte(0x22);
  for (let i = 0; i < lengthOf(text); i++) {
    const byte = byteAt(text, i);
    if (byte == 0x22 || byte == 0x5c) into.byte(0x5c);
    // A string has visible ASCII characters and spaces only.
    into.byte(byte >= 0x20 && byte < 0x7f ? byte : 0x3f);
  }
  into.byte(0x22);
}

/** `( ALPHA / "*" ) *( tchar / ":" / "/" )` */
function isToken(text: Slice): bool {
  const first = byteAt(text, 0);
  if (!isLetter(first) && first != 0x2a) return false;
  for (let i = 1; i < lengthOf(text); i++) {
    const byte = byteAt(text, i);
    if (!isTokenCharacter(byte) && byte != 0x3a && byte != 0x2f) return false;
  }
  return true;
}

function floorToSeconds(milliseconds: i64): i64 {
  const seconds = milliseconds / 1000;
  return milliseconds < 0 && milliseconds % 1000 != 0 ? seconds - 1 : seconds;
}
