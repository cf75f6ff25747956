import type { CatalogueSection } from "./entry.ts";

/** What the filter and the proxy have counted. */
export const RUNNING = {
  "breaker-open": {
    severity: "warning",
    meaning: "Workers leave a tier alone for now, because it failed too often in a row (breakers_open).",
    remedy: "Look at what the tier's cluster answers: signpost explain asks it as the filter does.",
  },
  "tier-errors": {
    severity: "warning",
    meaning: "A tier could not answer at least 1 % of its questions since Envoy started.",
    remedy:
      "By class: timeout: raise timeout, or look why it is slow; unavailable: see the findings about its cluster; invalid: signpost explain shows the reply it does not understand; overload: raise maxInFlight.",
  },
  "writes-dropped": {
    severity: "warning",
    meaning: "Writes to Redis were given up since Envoy started (service.fill).",
    remedy: "By reason: full: Redis or Webdis is too slow; failed: does Webdis' ACL allow PSETEX, is Redis full?",
  },
  "requests-failing": {
    severity: "warning",
    meaning: "At least 5 % of the requests through a chain with the filter were answered with 5xx since Envoy started.",
    remedy:
      "Look at the response flags in the access log: after a fault in the module with FAIL_CLOSED every request of that worker gets 503, with no upstream.",
  },
} as const satisfies CatalogueSection;
