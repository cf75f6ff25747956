import { Slice, endsWith, equal, persist } from "as-bytes/assembly";

const ACCEPT_RANGES = persist("accept-ranges");
const BYTES = persist("bytes");
const CONTENT_RANGE = persist("content-range");
const LAST_MODIFIED = persist("last-modified");

/** What an answer from a stored response has of its content. */
export enum SentContent {
  /** All of it. */
  Whole,
  /** None, but the fields of the answer that has it: HEAD. */
  HeadOfWhole,
  /** 206: a range of it. */
  Part,
  /** 304: none, the client has it. */
  NotModified,
  /** 416: none, the range that was asked for is not in it. */
  NotSatisfiable,
}

/**
 * What a 304 leaves out: "a sender SHOULD NOT generate representation metadata other than the above listed fields unless
 * said metadata exists for the purpose of guiding cache updates" (RFC 9110 §15.4.5), and what describes its own content,
 * which it has none of. All else is sent that would have been sent with a 200: policies of a browser's, say. A 416 has
 * none of the representation either.
 */
const OF_THE_REPRESENTATION: StaticArray<Slice> = [
  persist("content-length"),
  persist("content-type"),
  persist("content-encoding"),
  persist("content-language"),
  CONTENT_RANGE,
  persist("content-md5"),
  persist("content-digest"),
  persist("repr-digest"),
  persist("digest"),
];

/**
 * What is true of a whole content only. The `Content-Digest` of a 206 is that of the part, and of an answer to HEAD that of
 * no content at all (RFC 9530 §2, B.2), `Content-MD5` is alike (RFC 1864). `Repr-Digest` and `Digest` are of the representation,
 * however much of it is sent.
 */
const OF_THE_CONTENT: StaticArray<Slice> = [persist("content-digest"), persist("content-md5")];

/** A 416 tells of a range, and not of what is stored: it is nothing to be kept, and says of no time that it may. */
const OF_FRESHNESS: StaticArray<Slice> = [persist("expires"), persist("pragma"), persist("surrogate-control")];

/** `Cache-Control` and, by the names that RFC 9213 §2.1 has for them, all targeted fields. */
const CACHE_CONTROL = persist("cache-control");

/** Whether the field of a stored response is true of an answer with this much of its content; `name` is in lower case. */
export function isSent(content: SentContent, name: Slice, value: Slice, hasEntityTag: bool): bool {
  switch (content) {
    case SentContent.Whole:
      return true;
    case SentContent.HeadOfWhole:
      return !isOneOf(name, OF_THE_CONTENT);
    case SentContent.Part:
      return !isOneOf(name, OF_THE_CONTENT) && !equal(name, CONTENT_RANGE) && !deniesRanges(name, value);
    case SentContent.NotSatisfiable:
      if (isOneOf(name, OF_FRESHNESS) || endsWith(name, CACHE_CONTROL) || deniesRanges(name, value)) return false;
      return !isOneOf(name, OF_THE_REPRESENTATION);
    default:
      // "Last-Modified might be useful if the response does not have an ETag field" (RFC 9110 §15.4.5)
      if (hasEntityTag && equal(name, LAST_MODIFIED)) return false;
      return !isOneOf(name, OF_THE_REPRESENTATION);
  }
}

/** Whether the origin says that it serves no ranges, which is no answer's to say that heeds one. */
function deniesRanges(name: Slice, value: Slice): bool {
  return equal(name, ACCEPT_RANGES) && !equal(value, BYTES);
}

function isOneOf(name: Slice, names: StaticArray<Slice>): bool {
  for (let i = 0; i < names.length; i++) {
    if (equal(name, unchecked(names[i]))) return true;
  }
  return false;
}
