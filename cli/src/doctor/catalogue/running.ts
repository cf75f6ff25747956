import type { CatalogueSection } from "./entry.ts";

/** What the filter and the proxy have counted. */
export const RUNNING = {
  "breaker-open": {
    severity: "error",
    meaning: "Workers leave a tier alone at the moment, because it failed too often in a row (breakers_open).",
    remedy:
      "Look at what the tier's cluster answers (401 or 403: username, password or command are refused): signpost explain asks it as the filter does.",
  },
  "tier-failing": {
    severity: "error",
    meaning: "A tier answered none of its questions since Envoy started or, with --watch, in that time.",
    remedy:
      "By class: timeout: it takes connections and does not answer, as a Redis that hangs; unavailable: 401 or 403 is Webdis (or the service) refusing username, password or command, and the proxy keeps the password that it was started with; otherwise see the findings about its cluster; invalid: signpost explain shows the reply it does not understand; overload: raise maxInFlight.",
  },
  "tier-errors": {
    severity: "warning",
    meaning:
      "A tier could not answer at least 1 % of its questions since Envoy started or, with --watch, in that time.",
    remedy:
      "By class: timeout: raise timeout, or look why it is slow; unavailable: 401 or 403 is Webdis (or the service) refusing username, password or command, and the proxy keeps the password that it was started with; otherwise see the findings about its cluster; invalid: signpost explain shows the reply it does not understand; overload: raise maxInFlight.",
  },
  "writes-dropped": {
    severity: "warning",
    meaning: "Writes to Redis were given up since Envoy started or, with --watch, in that time (service.fill).",
    remedy: "By reason: full: Redis or Webdis is too slow; failed: does Webdis' ACL allow PSETEX, is Redis full?",
  },
  "all-requests-failing": {
    severity: "error",
    meaning:
      "All requests through a chain with the filter were answered with 5xx since Envoy started or, with --watch, in that time.",
    remedy:
      "Look at the response flags and details in the access log: whether it is the upstreams that answer so, a filter without a configuration (500), or a module that is dead (503, with no upstream).",
  },
  "requests-failing": {
    severity: "warning",
    meaning:
      "At least 5 % of the requests through a chain with the filter were answered with 5xx since Envoy started or, with --watch, in that time.",
    remedy:
      "Look at the response flags in the access log: after a fault in the module with FAIL_CLOSED every request of that worker gets 503, with no upstream.",
  },
} as const satisfies CatalogueSection;
