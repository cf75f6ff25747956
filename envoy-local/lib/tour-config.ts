import { WEBDIS_CREDENTIALS } from "./webdis.ts";

/** How long the tour's filter keeps a record, in milliseconds: short, so that one can watch it expire. */
export const TOUR_TTL = 2_000;

/** How both instances reach Redis. Its time limit is for a busy machine, not for production. */
const WEBDIS = {
  cluster: "webdis",
  username: WEBDIS_CREDENTIALS.username,
  password: WEBDIS_CREDENTIALS.password,
  keyPrefix: "signpost:",
  timeout: "250ms",
};

/**
 * The configuration of the tour's instance that routes: one lookup that finds the cell of a tenant. `envoy.yaml` holds the
 * same.
 *
 * Its times are for watching, not for production.
 */
export const TOUR_CONFIG = {
  webdis: WEBDIS,
  lookups: [
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "route:{host}:{path[1]}",
      service: {
        cluster: "routing-service",
        path: "/routes?host={host}&tenant={path[1]}",
        timeout: "1s",
      },
      local: {
        ttl: `${TOUR_TTL}ms`,
        jitter: "0%",
        negativeTtl: "1s",
        refreshAhead: "0s",
        staleWhileRevalidate: "0s",
        staleIfError: "0s",
      },
      owns: ["x-cell"],
      onMiss: { status: 404, body: "no such tenant" },
      onError: { status: 503, body: "routing is unavailable" },
    },
  ],
  debugHeader: "x-signpost",
};

/** The configuration of the instance that caches, behind it: all defaults. `envoy.yaml` holds the same. */
export const TOUR_CACHE_CONFIG = { webdis: WEBDIS, responseCache: {} };
