import type { ExpectedFailures } from "./support/explanations.ts";

/**
 * The tests that our cache fails, with the reason. A closed list: with a cache configured, a required or optimal test that
 * fails is on it, and what is on it fails.
 */
export const EXPECTED_FAILURES: readonly ExpectedFailures[] = [
  {
    because: "test",
    reason:
      "The origin closes the connection without an answer, and the test wants status 200 with the origin's count of requests, which only the origin could send. No cache whose results the package ships passes.",
    tests: [
      "stale-close-must-revalidate",
      "stale-close-proxy-revalidate",
      "stale-close-no-cache",
      "stale-close-s-maxage=2",
    ],
  },
  {
    because: "envoy",
    reason:
      "The origin sends a Transfer-Encoding that does not exist, and Envoy, which knows `chunked` only, answers 502 before any filter sees the response. Squid and Varnish (503) do the same.",
    tests: ["headers-store-Transfer-Encoding"],
  },
  {
    because: "envoy",
    reason:
      "Envoy joins two Cache-Control lines with a comma before any filter sees them, the test's client with a comma and a space; the test compares the text. To RFC 9110 §5.3 both are the same value: “separated by a comma (',') and optional whitespace (OWS)”.",
    tests: ["freshness-max-age-s-maxage-shared-longer-multiple"],
  },
  {
    because: "rfc",
    reason:
      "“If the field value (after discarding additional members, as per above) is invalid (e.g., it contains something other than a non-negative integer), a cache SHOULD ignore the field.” (RFC 9111 §5.1) The tests want the response to be stale.",
    tests: [
      "age-parse-nonnumeric",
      "age-parse-negative",
      "age-parse-float",
      "age-parse-parameter",
      "age-parse-numeric-parameter",
    ],
  },
  {
    because: "rfc",
    reason:
      "“a cache encountering a message with a list-based Age field value SHOULD use the first member of the field value, discarding subsequent ones” (RFC 9111 §5.1). The first member leaves these responses fresh. On one line the suite wants it so itself: age-parse-prefix.",
    tests: ["age-parse-prefix-twoline", "age-parse-dup-0", "age-parse-dup-0-twoline", "age-parse-dup-old"],
  },
  {
    because: "rfc",
    reason:
      "`en, de` and `fr;q=0.5, de;q=1.0` do not have the same meaning, and requests match only after “normalizing both header field values in a way that is known to have identical semantics” (RFC 9111 §4.1). No cache whose results the package ships passes.",
    tests: ["vary-normalise-lang-select"],
  },
  {
    because: "design",
    reason:
      "A response with Set-Cookie is never stored: RFC 9111 §7.3 leaves cookies to the origin, and too many origins do not know.",
    tests: ["headers-store-Set-Cookie", "304-etag-update-response-Set-Cookie", "other-set-cookie"],
  },
  {
    because: "design",
    reason:
      "Requests with a body go past the cache. RFC 9110 §9.3.3 allows, and does not ask, to store what a POST was answered for a later GET.",
    tests: ["method-POST"],
  },
  {
    because: "design",
    reason:
      "A 400 answers what is malformed in one request and in no key: stored, it is everybody's error page, which any client can order. RFC 9111 §3 allows to store it and does not ask for it.",
    tests: ["status-400-fresh"],
  },
  {
    because: "design",
    reason:
      "Parts are not stored. A 206 “MAY be stored as if it were an incomplete 200 (OK) response” (RFC 9111 §3.3); ranges are served from stored wholes.",
    tests: [
      "partial-store-partial-reuse-partial",
      "partial-store-partial-reuse-partial-byterange",
      "partial-store-partial-reuse-partial-absent",
      "partial-store-partial-reuse-partial-suffix",
      "partial-store-partial-complete",
    ],
  },
  {
    because: "design",
    reason:
      "Surrogate-Control comes from a W3C Note, and “interoperability around it is not clear” (so the suite itself); the standard is the targeted CDN-Cache-Control of RFC 9213.",
    tests: [
      "surrogate-max-age",
      "surrogate-max-age-max",
      "surrogate-max-age-max-plus",
      "surrogate-max-age-me-target",
      "surrogate-max-age-extension",
      "surrogate-max-age-case-insensitive",
      "surrogate-max-age-expires",
      "surrogate-max-age-cc-max-age-invalid-expires",
      "surrogate-max-age-short-cc-max-age",
      "surrogate-max-age-0-expires",
      "surrogate-max-age-long-cc-max-age",
      "surrogate-no-store-cc-fresh",
      "surrogate-fresh-cc-nostore",
    ],
  },
  {
    because: "rfc",
    reason:
      "“if a request containing this directive is satisfied from a cache, the no-store request directive does not apply to the already stored response” (RFC 9111 §5.2.1.5). The test, a check, looks for caches that forward such a request.",
    tests: ["ccreq-no-store"],
  },
  {
    because: "rfc",
    reason:
      'The origin answers a validation of `"abcdef"` with a 304 that has the strong validator `"ghijkl"`, and the test wants the stored response refreshed by it. “If none of the initial set contain at least one of the same strong validators, then the cache MUST NOT use the new response to update any stored responses.” (RFC 9111 §4.3.4)',
    tests: ["304-etag-update-response-ETag"],
  },
  {
    because: "rfc",
    reason:
      "“If a request contains an If-Modified-Since header field and the Last-Modified header field is not present in a stored response, a cache SHOULD use the stored response's Date field value [...] to evaluate the conditional.” (RFC 9111 §4.3.2) In the test Date is 50 minutes later than If-Modified-Since, so the condition is true and the answer 200. No cache whose results the package ships passes.",
    tests: ["conditional-lm-fresh-no-lm"],
  },
  {
    because: "design",
    reason:
      "The test asks whether a client's own If-None-Match is forwarded when nothing is stored. Then its 304 would be all that comes, and nothing is ever stored: the upstream is asked for the whole, and the client gets its 304 from that. Varnish, nginx, Traffic Server and Fastly answer as we do.",
    tests: ["conditional-etag-forward"],
  },
];
