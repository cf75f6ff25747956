import { NONE, Slice, equalIgnoreCase, isPresent, persist } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { INVALID_DELTA, LARGEST_DELTA, parseDeltaSeconds } from "../text/delta-seconds";
import { ItemType, StructuredDictionary } from "../text/structured-dictionary";
import { DirectiveReader } from "./directive-reader";
import { FieldNames } from "./field-names";

/** The value of a directive that is not there. */
export const ABSENT: i64 = -1;

/** The value of `max-stale` without an argument: "the client will accept a stale response of any age". */
export const ANY_STALENESS: i64 = i64.MAX_VALUE;

const CACHE_CONTROL = persist("cache-control");
const CDN_CACHE_CONTROL = persist("cdn-cache-control");
const PRAGMA = persist("pragma");

/** The directives that say something to this cache. The first ones have delta-seconds as their argument. */
enum Directive {
  MaxAge,
  SMaxAge,
  MaxStale,
  MinFresh,
  StaleWhileRevalidate,
  StaleIfError,
  NoCache,
  Private,
  NoStore,
  NoTransform,
  OnlyIfCached,
  MustRevalidate,
  ProxyRevalidate,
  MustUnderstand,
  Public,
  Unknown,
}

/** By `Directive`. */
const NAMES: StaticArray<Slice> = [
  persist("max-age"),
  persist("s-maxage"),
  persist("max-stale"),
  persist("min-fresh"),
  persist("stale-while-revalidate"),
  persist("stale-if-error"),
  persist("no-cache"),
  persist("private"),
  persist("no-store"),
  persist("no-transform"),
  persist("only-if-cached"),
  persist("must-revalidate"),
  persist("proxy-revalidate"),
  persist("must-understand"),
  persist("public"),
];

const NO_CACHE: Slice = unchecked(NAMES[Directive.NoCache]);

/**
 * The cache directives of one message (RFC 9111 §5.2, RFC 5861), read again and again without allocating. Times are
 * milliseconds, `ABSENT` where the directive is not there.
 *
 * One rule holds for all that is written wrongly: a directive that restricts then restricts as much as it can (a
 * `max-age` of no number is 0, a `private` with a bad list of names is for the whole response), and one that permits
 * does not. "Caches are encouraged to consider responses that have invalid freshness information (e.g., a max-age
 * directive with non-integer content) to be stale." (RFC 9111 §4.2.1)
 */
export class Directives {
  maxAge: i64 = ABSENT;
  sMaxAge: i64 = ABSENT;
  maxStale: i64 = ABSENT;
  minFresh: i64 = ABSENT;
  staleWhileRevalidate: i64 = ABSENT;
  staleIfError: i64 = ABSENT;
  /** Without field names, or with such as are none. */
  noCache: bool = false;
  noStore: bool = false;
  noTransform: bool = false;
  onlyIfCached: bool = false;
  mustRevalidate: bool = false;
  proxyRevalidate: bool = false;
  mustUnderstand: bool = false;
  /** `private` without field names, or with such as are none. */
  isPrivate: bool = false;
  isPublic: bool = false;
  /** Whether a targeted field speaks, so that `Cache-Control` and `Expires` do not (RFC 9213). */
  isTargeted: bool = false;
  /** The names in qualified forms of `no-cache`. */
  readonly noCacheFields: FieldNames = new FieldNames();
  /** The names in qualified forms of `private`. */
  readonly privateFields: FieldNames = new FieldNames();

  private reader: DirectiveReader = new DirectiveReader();
  private dictionary: StructuredDictionary = new StructuredDictionary();

  clear(): void {
    this.maxAge = ABSENT;
    this.sMaxAge = ABSENT;
    this.maxStale = ABSENT;
    this.minFresh = ABSENT;
    this.staleWhileRevalidate = ABSENT;
    this.staleIfError = ABSENT;
    this.noCache = false;
    this.noStore = false;
    this.noTransform = false;
    this.onlyIfCached = false;
    this.mustRevalidate = false;
    this.proxyRevalidate = false;
    this.mustUnderstand = false;
    this.isPrivate = false;
    this.isPublic = false;
    this.isTargeted = false;
    this.noCacheFields.clear();
    this.privateFields.clear();
  }

  /** Reads a request's directives. */
  readRequest(request: HeaderSource): void {
    this.clear();
    const field = request.get(CACHE_CONTROL);
    // "When the Cache-Control header field is not present in a request, caches MUST consider the no-cache request
    // pragma-directive as having the same effect as if "Cache-Control: no-cache" were present." (RFC 7234 §5.4; RFC 9111
    // §5.4 deprecates the field and leaves clients that send it as they are)
    if (isPresent(field)) this.readCacheControl(field);
    else this.noCache = this.hasPragmaNoCache(request.get(PRAGMA));
    // A request's `no-cache` has no argument.
    if (!this.noCacheFields.isEmpty) this.noCache = true;
  }

  /** Reads a response's directives: those of the targeted field when it is there, else those of `Cache-Control`. */
  readResponse(response: HeaderSource): void {
    this.clear();
    const targeted = response.get(CDN_CACHE_CONTROL);
    // "The cache MUST select the first (in target-list order) field with a valid, non-empty value and use its value to
    // determine the caching policy for the response, and it MUST ignore the Cache-Control and Expires header fields in
    // that response, unless no valid, non-empty value is available." (RFC 9213 §2.2)
    if (isPresent(targeted) && this.readTargeted(targeted)) return;
    const field = response.get(CACHE_CONTROL);
    if (isPresent(field)) this.readCacheControl(field);
  }

  private readCacheControl(field: Slice): void {
    const reader = this.reader;
    let seen = 0;
    reader.begin(field);
    while (reader.next()) {
      // "Cache directives are identified by a token, to be compared case-insensitively, and have an optional argument that
      // can use both token and quoted-string syntax. For the directives defined below that define arguments, recipients
      // ought to accept both forms, even if a specific form is required for generation." (RFC 9111 §5.2)
      const directive = directiveNamed(reader.name);
      if (reader.isMisplaced && !forbids(directive)) continue;
      const isRepeated = (seen & (1 << directive)) != 0;
      seen |= 1 << directive;
      if (hasDelta(directive)) {
        // "When there is more than one value present for a given directive [...], either the first occurrence should be
        // used or the response should be considered stale." (RFC 9111 §4.2.1)
        if (!isRepeated) this.setDelta(directive, this.readDelta(directive));
      } else if (hasFieldNames(directive)) {
        this.setFieldNames(directive, reader.isMalformed ? NONE : reader.value);
      } else if (!reader.isMalformed || !permits(directive)) {
        this.setFlag(directive, true);
      }
    }
  }

  private readDelta(directive: Directive): i64 {
    const reader = this.reader;
    if (reader.isMalformed) return INVALID_DELTA;
    // "If no value is assigned to max-stale, then the client will accept a stale response of any age." (RFC 9111 §5.2.1.2)
    if (directive == Directive.MaxStale && !isPresent(reader.value)) return ANY_STALENESS;
    return parseDeltaSeconds(reader.value);
  }

  /** False, and then nothing is read, where the field is no dictionary or empty. */
  private readTargeted(field: Slice): bool {
    const dictionary = this.dictionary;
    dictionary.begin(field);
    for (; dictionary.next(); this.isTargeted = true) this.setMember(dictionary);
    // "If a targeted field in a given response is empty, or a parsing error is encountered, that field MUST be ignored by
    // the cache (i.e., it behaves as if the field were not present, likely falling back to other cache-control mechanisms
    // present)." (RFC 9213 §2.1)
    if (dictionary.failed) this.clear();
    return this.isTargeted;
  }

  /** "If dictionary already contains a key this_key [...], overwrite its value" (RFC 8941 §4.2.2): the last one counts. */
  private setMember(member: StructuredDictionary): void {
    const directive = directiveNamed(member.key);
    const isOn = member.type != ItemType.False;
    // "Cache directives that have no value will be mapped to a Boolean. When the value is a quoted-string, it will be mapped
    // to a String, and when it is a token, it will map to a Token, an Integer, or a Decimal, depending on the content of the
    // value." What is of another type than its directive has does not count as it stands. (RFC 9213 §2.1)
    if (hasDelta(directive)) {
      this.setDelta(directive, member.type == ItemType.Integer ? parseDeltaSeconds(member.value) : INVALID_DELTA);
    } else if (hasFieldNames(directive)) {
      const isText = member.type == ItemType.String || member.type == ItemType.Token;
      this.clearFieldNames(directive);
      if (isOn) this.setFieldNames(directive, isText ? member.value : NONE);
    } else {
      this.setFlag(directive, permits(directive) ? member.type == ItemType.True : isOn);
    }
  }

  private setDelta(directive: Directive, delta: i64): void {
    const isValid = delta != INVALID_DELTA;
    switch (directive) {
      case Directive.MaxAge:
        this.maxAge = isValid ? delta : 0;
        break;
      case Directive.SMaxAge:
        this.sMaxAge = isValid ? delta : 0;
        break;
      case Directive.MaxStale:
        this.maxStale = isValid ? delta : ABSENT;
        break;
      case Directive.MinFresh:
        this.minFresh = isValid ? delta : LARGEST_DELTA;
        break;
      case Directive.StaleWhileRevalidate:
        this.staleWhileRevalidate = isValid ? delta : 0;
        break;
      default:
        this.staleIfError = isValid ? delta : 0;
    }
  }

  /** `names` is the argument, `NONE` for a directive without one. */
  private setFieldNames(directive: Directive, names: Slice): void {
    if (directive == Directive.NoCache) {
      if (!isPresent(names) || !this.noCacheFields.addList(names)) this.noCache = true;
    } else if (!isPresent(names) || !this.privateFields.addList(names)) {
      this.isPrivate = true;
    }
  }

  private clearFieldNames(directive: Directive): void {
    if (directive == Directive.NoCache) {
      this.noCache = false;
      this.noCacheFields.clear();
    } else {
      this.isPrivate = false;
      this.privateFields.clear();
    }
  }

  private setFlag(directive: Directive, isOn: bool): void {
    switch (directive) {
      case Directive.NoStore:
        this.noStore = isOn;
        break;
      case Directive.NoTransform:
        this.noTransform = isOn;
        break;
      case Directive.OnlyIfCached:
        this.onlyIfCached = isOn;
        break;
      case Directive.MustRevalidate:
        this.mustRevalidate = isOn;
        break;
      case Directive.ProxyRevalidate:
        this.proxyRevalidate = isOn;
        break;
      case Directive.MustUnderstand:
        this.mustUnderstand = isOn;
        break;
      case Directive.Public:
        this.isPublic = isOn;
        break;
      // "A cache MUST ignore unrecognized cache directives." (RFC 9111 §5.2.3)
      default:
        break;
    }
  }

  private hasPragmaNoCache(field: Slice): bool {
    if (!isPresent(field)) return false;
    this.reader.begin(field);
    while (this.reader.next()) {
      if (equalIgnoreCase(this.reader.name, NO_CACHE)) return true;
    }
    return false;
  }
}

function directiveNamed(name: Slice): Directive {
  for (let i = 0; i < NAMES.length; i++) {
    if (equalIgnoreCase(name, unchecked(NAMES[i]))) return <Directive>i;
  }
  return Directive.Unknown;
}


@inline
function hasDelta(directive: Directive): bool {
  return directive <= Directive.StaleIfError;
}


@inline
function hasFieldNames(directive: Directive): bool {
  return directive == Directive.NoCache || directive == Directive.Private;
}

/** Whether it does nothing but restrict, wherever it stands: `s-maxage` allows to share what `Authorization` was sent for. */
@inline
function forbids(directive: Directive): bool {
  return directive == Directive.MaxAge || directive == Directive.NoStore || hasFieldNames(directive);
}

/** `must-understand` lets a cache ignore `no-store`. */
@inline
function permits(directive: Directive): bool {
  return directive == Directive.Public || directive == Directive.MustUnderstand;
}
