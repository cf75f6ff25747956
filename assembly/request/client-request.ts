import { NONE, Slice, indexOf, isPresent, persist } from "as-bytes/assembly";
import {
  appendNormalizedHost,
  appendPercentDecoded,
  cookieValue,
  pathFromSegment,
  pathOf,
  pathSegment,
  queryOf,
  queryParameter,
} from "../text/url";
import { ScratchBuffers } from "./scratch-buffers";

const AUTHORITY = persist(":authority");
const PATH = persist(":path");
const METHOD = persist(":method");
const SCHEME = persist(":scheme");
const COOKIE = persist("cookie");

const PERCENT: i32 = 0x25;

/** Where a request's headers come from. */
export abstract class HeaderSource {
  /**
   * The value of the header or pseudo-header `name` (lower case); the values of a repeated one joined with `,`, and
   * with `; ` where it is `cookie` (RFC 9113 §8.2.3). `NONE` when it is missing. Good until the host callback ends.
   */
  abstract get(name: Slice): Slice;

  /** A set of marks (`markOf`) that has those of all names that are there: many absent ones are told at once. */
  get nameMarks(): u64 {
    return u64.MAX_VALUE;
  }
}

/** Which of a request's properties have been read. */
namespace Known {
  export const AUTHORITY: i32 = 1;
  export const TARGET: i32 = 2;
  export const METHOD: i32 = 4;
  export const SCHEME: i32 = 8;
  export const COOKIES: i32 = 16;
}

/**
 * The client's request as matches and templates see it. Every reading of a pseudo-header is a call to the host, so it
 * is read when first asked for and then known. One object serves request after request and allocates for none of them.
 *
 * All that it returns is `NONE` when missing and good until the host callback ends or `begin` is called.
 */
export class ClientRequest {
  private source: HeaderSource | null = null;
  private known: i32 = 0;
  private knownHost: Slice = NONE;
  private knownTarget: Slice = NONE;
  private knownMethod: Slice = NONE;
  private knownScheme: Slice = NONE;
  private knownCookies: Slice = NONE;
  private decoded: ScratchBuffers = new ScratchBuffers();

  constructor(
    /** The header that has the path and query the client sent, where a filter before this one changes them; else `NONE`. */
    private pathHeader: Slice = NONE,
    /** The same for the host. */
    private hostHeader: Slice = NONE,
  ) {}

  /** Forgets the request before and looks at the one whose headers `source` has. */
  begin(source: HeaderSource): void {
    this.source = source;
    this.known = 0;
    this.decoded.reuse();
  }

  /** The host in lower case, without port and trailing dot. */
  get host(): Slice {
    if (this.learns(Known.AUTHORITY)) {
      const authority = this.authority;
      this.knownHost = NONE;
      if (isPresent(authority)) {
        const normalized = this.decoded.next();
        appendNormalizedHost(normalized, authority);
        this.knownHost = normalized.view();
      }
    }
    return this.knownHost;
  }

  /** The host as received, with its port where it has one. */
  get authority(): Slice {
    return this.sent(this.hostHeader, AUTHORITY);
  }

  /** The path without its query, as received. */
  get path(): Slice {
    return pathOf(this.target);
  }

  /** The query without its question mark, as received; `NONE` when there is no question mark. */
  get query(): Slice {
    return queryOf(this.target);
  }

  get method(): Slice {
    if (this.learns(Known.METHOD)) this.knownMethod = this.header(METHOD);
    return this.knownMethod;
  }

  get scheme(): Slice {
    if (this.learns(Known.SCHEME)) this.knownScheme = this.header(SCHEME);
    return this.knownScheme;
  }

  /** The path's segment of that index, from 0, percent-decoded once. */
  pathSegment(index: i32): Slice {
    return this.percentDecoded(pathSegment(this.path, index));
  }

  /** The path from its segment of that index on, as received. */
  pathFrom(index: i32): Slice {
    return pathFromSegment(this.path, index);
  }

  /** The value of the first query parameter of that name, percent-decoded once. */
  queryParameter(name: Slice): Slice {
    return this.percentDecoded(queryParameter(this.query, name));
  }

  /** The value of the header of that name (lower case), repeated ones joined. */
  header(name: Slice): Slice {
    const source = this.source;
    return source ? source.get(name) : NONE;
  }

  /** The value of the first cookie of that name. */
  cookie(name: Slice): Slice {
    if (this.learns(Known.COOKIES)) this.knownCookies = this.header(COOKIE);
    return cookieValue(this.knownCookies, name);
  }

  /** Path and query, as received. */
  get target(): Slice {
    if (this.learns(Known.TARGET)) this.knownTarget = this.sent(this.pathHeader, PATH);
    return this.knownTarget;
  }

  /** Whether a filter before this one may have changed path or host. */
  get mayBeRewritten(): bool {
    return isPresent(this.pathHeader) || isPresent(this.hostHeader);
  }

  /** What the client sent: where there is no header that keeps it, what the proxy has. */
  private sent(keeper: Slice, name: Slice): Slice {
    if (!isPresent(keeper)) return this.header(name);
    const kept = this.header(keeper);
    return isPresent(kept) ? kept : this.header(name);
  }

  /** Whether `property` is not known yet; from now on it is. */
  private learns(property: i32): bool {
    const isNew = (this.known & property) == 0;
    this.known |= property;
    return isNew;
  }

  private percentDecoded(value: Slice): Slice {
    // Nearly every value stands for itself, and then there is nothing to copy.
    if (indexOf(value, PERCENT) < 0) return value;
    const decoded = this.decoded.next();
    appendPercentDecoded(decoded, value);
    return decoded.view();
  }
}
