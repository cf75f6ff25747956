import {
  ByteBuffer,
  NONE,
  Slice,
  byteAt,
  equal,
  equalIgnoreCase,
  indexOf,
  isDigit,
  isPresent,
  lengthOf,
  lowerCase,
  persist,
  pointerOf,
  sipHash,
  sub,
} from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { Pattern } from "../request/match";
import { decodedByte, encodedLength, equalDecoded } from "../text/percent-encoding";
import { appendSha256Hex } from "../text/sha256";
import { pathOf, queryOf } from "../text/url";
import { ConnectionPort, Overrides, isDefaultPort } from "./overrides";

const AUTHORITY = persist(":authority");
const PATH = persist(":path");
const FORWARDED_PROTO = persist("x-forwarded-proto");
const SCHEME = persist(":scheme");

const AMPERSAND: i32 = 0x26;
const COLON: i32 = 0x3a;
const EQUALS: i32 = 0x3d;
const SEMICOLON: i32 = 0x3b;
const CLOSE_BRACKET: i32 = 0x5d;

/** The first byte of a primary key. Other keys of the store begin with another one. */
const PRIMARY: i32 = 0x70;

/** The length of a part that is missing; every part stands behind its length. */
const ABSENT: u32 = 0xffff_ffff;

const LENGTH_BYTES: i32 = 4;

/** All workers of a proxy have the same hashes of URIs: the keys are no secret, and a collision costs a miss. */
const URI_HASH_KEY0: u64 = 0x7369676e706f7374;
const URI_HASH_KEY1: u64 = 0x7572696861736831;

/** What stands between the configured prefix and the digest in a key of Redis. */
const CACHE = persist("cache:");

/**
 * Builds primary keys: the scheme, the host, the path as routed and the query of the target URI, then how the request has
 * these otherwise than normalized, then the configured fields of the request, then what the lookups did. Each part stands behind its length, so that no two sets of parts make one
 * key. The method is no part of it: HEAD finds what GET stored, and
 * other methods only invalidate.
 */
export class PrimaryKeys {
  /** How many bytes of the last key say which URI it is for; see `appendUri`. */
  uriLength: i32 = 0;

  private overrides: Overrides = new Overrides();

  /** Of `ResponseCacheConfig`, which keeps them. */
  constructor(
    private ignoredQuery: Array<Pattern>,
    private keyHeaders: Array<Slice>,
  ) {}

  /** Appends the key of a request. `outcome` stands for all that the lookups set or removed; `NONE` without lookups. */
  append(into: ByteBuffer, request: HeaderSource, outcome: Slice): void {
    this.appendFor(into, request.get(PATH), request, outcome);
  }

  /** The same for another target of the request's origin, as if the client had asked for that. */
  appendFor(into: ByteBuffer, target: Slice, request: HeaderSource, outcome: Slice): void {
    const start = into.length;
    this.appendUri(into, schemeOf(request), request.get(AUTHORITY), target);
    this.uriLength = into.length - start;
    this.appendAsReceived(into, request);
    for (let i = 0; i < this.keyHeaders.length; i++) {
      const name = unchecked(this.keyHeaders[i]);
      // With its name: a gateway whose configuration has another field there shares the Redis.
      appendField(into, name, request.get(name));
    }
    appendPart(into, outcome);
  }

  /**
   * After `append`: whether a field of the request changes what the upstream answers with and says otherwise than the URI. The
   * request is bypassed.
   */
  isOverridden(request: HeaderSource, connection: ConnectionPort): bool {
    if (this.overrides.isEmpty) return false;
    const authority = request.get(AUTHORITY);
    const colon = portColon(authority);
    const port = colon < 0 ? NONE : sub(authority, colon + 1);
    return this.overrides.contradict(request, schemeOf(request), authority, port, connection);
  }

  /**
   * Appends, with its name, all that says the same as the URI in other bytes. It is forwarded as it came, so an upstream may
   * answer with it: a redirect to `HTTPS://Shop.Example.com:443/` is for those who asked so. What is invalidated is the URI,
   * however it is written.
   */
  private appendAsReceived(into: ByteBuffer, request: HeaderSource): void {
    const scheme = schemeOf(request);
    const authority = request.get(AUTHORITY);
    if (hasUpperCase(scheme)) appendField(into, FORWARDED_PROTO, scheme);
    // HTTP/2 upstreams get the client's own, whatever the connection is.
    const own = request.get(SCHEME);
    if (!equal(own, scheme)) appendField(into, SCHEME, own);
    const hasNeedlessPort = lengthOf(withoutDefaultPort(scheme, authority)) < lengthOf(authority);
    if (hasNeedlessPort || hasUpperCase(authority)) {
      appendField(into, AUTHORITY, authority);
    }
    this.overrides.read(request, this.keyHeaders);
    for (let i = 0, name = this.overrides.nameAt(0); name != NONE; name = this.overrides.nameAt(++i)) {
      appendField(into, name, request.get(name));
    }
  }

  /**
   * Appends what all primary keys of a URI begin with: everything that is stored for it, whoever asked. `target` is a path
   * with perhaps a query.
   */
  appendUri(into: ByteBuffer, scheme: Slice, authority: Slice, target: Slice): void {
    into.byte(PRIMARY);
    // "the scheme and host are case-insensitive and normally provided in lowercase" (RFC 9110 §4.2.3)
    appendLowerCasePart(into, scheme);
    appendLowerCasePart(into, withoutDefaultPort(scheme, authority));
    appendPart(into, pathOf(target));
    this.appendQuery(into, queryOf(target));
  }

  /** The query without the parameters that make no difference; where nothing else was in it, as if there were none. */
  private appendQuery(into: ByteBuffer, query: Slice): void {
    const start = into.length;
    appendPart(into, query);
    if (!isPresent(query) || this.ignoredQuery.length == 0) return;
    into.truncate(start);
    into.u32(ABSENT);
    if (this.appendKept(into, query) == 0) return;
    // The length is known only now.
    store<u32>(pointerOf(into.view()) + <usize>start, <u32>(into.length - start - LENGTH_BYTES));
  }

  /** Appends the parameters that count, in their order, and says how many they are. */
  private appendKept(into: ByteBuffer, query: Slice): i32 {
    const length = lengthOf(query);
    let kept = 0;
    for (let start = 0; start <= length;) {
      const ampersand = indexOf(query, AMPERSAND, start);
      const end = ampersand < 0 ? length : ampersand;
      const parameter = sub(query, start, end);
      if (!this.isIgnored(parameter)) {
        if (kept++ > 0) into.byte(AMPERSAND);
        into.bytes(parameter);
      }
      start = end + 1;
    }
    return kept;
  }

  private isIgnored(parameter: Slice): bool {
    // Some upstreams see several parameters in it, of which some may count.
    if (indexOf(parameter, SEMICOLON) >= 0) return false;
    const equals = indexOf(parameter, EQUALS);
    const name = equals < 0 ? parameter : sub(parameter, 0, equals);
    for (let i = 0; i < this.ignoredQuery.length; i++) {
      const pattern = unchecked(this.ignoredQuery[i]);
      if (pattern.isPartial ? startsWithDecoded(name, pattern.text) : equalDecoded(name, pattern.text)) return true;
    }
    return false;
  }
}

/**
 * The scheme that the upstream takes the client's to be. Behind a proxy that ends TLS it differs from the connection's, and
 * a redirect to `https` for those who came without must not be everybody's.
 */
export function schemeOf(request: HeaderSource): Slice {
  const forwarded = request.get(FORWARDED_PROTO);
  return isPresent(forwarded) ? forwarded : request.get(SCHEME);
}

/** The hash of the URI in a primary key, the first `uriLength` bytes of it; see `InvalidationMarks`. */
export function uriHashOf(key: Slice, uriLength: i32): u64 {
  return sipHash(sub(key, 0, uriLength), URI_HASH_KEY0, URI_HASH_KEY1);
}

/** Appends the key under which Redis has what lies under `key` here: `{keyPrefix}cache:{SHA-256}`. */
export function appendRedisKey(into: ByteBuffer, keyPrefix: Slice, key: Slice): void {
  into.bytes(keyPrefix).bytes(CACHE);
  appendSha256Hex(into, key);
}

/** The authority without its port where that is the scheme's own, or empty: "normalized" by RFC 9110 §4.2.3. */
export function withoutDefaultPort(scheme: Slice, authority: Slice): Slice {
  const colon = portColon(authority);
  if (colon < 0) return authority;
  const port = sub(authority, colon + 1);
  return lengthOf(port) == 0 || isDefaultPort(port, scheme) ? sub(authority, 0, colon) : authority;
}

/** Where the colon before a port is, or -1: those of an IPv6 literal stand within its brackets. */
function portColon(authority: Slice): i32 {
  let at = lengthOf(authority) - 1;
  while (at >= 0 && isDigit(byteAt(authority, at))) at--;
  if (byteAt(authority, at) != COLON) return -1;
  const isBehindLiteral = byteAt(authority, at - 1) == CLOSE_BRACKET;
  return isBehindLiteral || indexOf(authority, COLON) == at ? at : -1;
}

/** Whether what the encoded text stands for begins with these bytes. */
function startsWithDecoded(encoded: Slice, prefix: Slice): bool {
  let at = 0;
  for (let i = 0; i < lengthOf(prefix); i++) {
    if (decodedByte(encoded, at) != byteAt(prefix, i)) return false;
    at += encodedLength(encoded, at);
  }
  return true;
}

function hasUpperCase(text: Slice): bool {
  const length = lengthOf(text);
  for (let i = 0; i < length; i++) {
    const byte = byteAt(text, i);
    if (lowerCase(byte) != byte) return true;
  }
  return false;
}

function appendField(into: ByteBuffer, name: Slice, value: Slice): void {
  appendPart(into, name);
  appendPart(into, value);
}

function appendPart(into: ByteBuffer, part: Slice): void {
  into.u32(part == NONE ? ABSENT : <u32>lengthOf(part)).bytes(part);
}

function appendLowerCasePart(into: ByteBuffer, part: Slice): void {
  const length = lengthOf(part);
  into.u32(part == NONE ? ABSENT : <u32>length);
  const to = into.room(length);
  for (let i = 0; i < length; i++) store<u8>(to + <usize>i, <u8>lowerCase(byteAt(part, i)));
}
