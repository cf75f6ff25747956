/**
 * Whether a response with that status may be stored and be fresh without saying so: "responses with status codes that are
 * defined as heuristically cacheable (e.g., 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, and 501 in this
 * specification)" (RFC 9110 §15.1), and 451 (RFC 7725 §3). 206 is not here: parts are not stored.
 */
export function isHeuristicallyCacheable(status: i32): bool {
  switch (status) {
    case 200:
    case 203:
    case 204:
    case 300:
    case 301:
    case 308:
    case 404:
    case 405:
    case 410:
    case 414:
    case 451:
    case 501:
      return true;
    default:
      return false;
  }
}

/**
 * Whether this cache "recognizes it and implements all specified caching-related behavior" (RFC 9111 §3): the final
 * statuses of RFC 9110 that may be stored, the early and the misdirected request (RFC 8470, RFC 9110), and those of later
 * documents that say nothing about caches.
 */
export function isUnderstood(status: i32): bool {
  if (!isStorableStatus(status)) return false;
  switch (status) {
    case 306: // unused
    case 402: // reserved
    case 418: // unused
      return false;
    case 421:
    case 422:
    case 425:
    case 426:
    case 451:
      return true;
    default:
      return (
        (status >= 200 && status <= 205) ||
        (status >= 300 && status <= 308) ||
        (status >= 400 && status <= 417) ||
        (status >= 500 && status <= 505)
      );
  }
}

/** Whether a response with that status may be stored at all. */
export function isStorableStatus(status: i32): bool {
  // "The response status code is final" (RFC 9111 §3).
  if (status < 200 || status > 599) return false;
  switch (status) {
    // "If the response status code is 206 or 304 [...]: the cache understands the response status code" (RFC 9111 §3). Parts
    // are not stored, and a 304 is no response of its own. Neither is one that is a difference to another (RFC 3229 §10.4.1).
    case 206:
    case 226:
    case 304:
      return false;
    // The answers to a precondition and to a range: neither is part of a key, so they would be given to who did not ask.
    case 412:
    case 416:
      return false;
    // "Responses with the 428 status code MUST NOT be stored by a cache." RFC 6585 §3, and the same for 429 (§4), 431 (§5)
    // and 511 (§6).
    case 428:
    case 429:
    case 431:
    case 511:
      return false;
    default:
      return true;
  }
}
