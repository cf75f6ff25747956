import { TOUR_TTL } from "./lib/tour-config.ts";

/** One request of the tour and what is expected of it. */
export interface Visit {
  /** What it shows. */
  readonly shows: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds since the first request of the tour was answered, before which this one is not sent. */
  readonly notBefore?: number;
  readonly expected: Expectation;
}

/** What is expected of a response; what is left out may be anything. */
export interface Expectation {
  readonly status: number;
  /** The tier that answers. */
  readonly tier?: string;
  /** What the response cache did: `hit`, or why the request went on (RFC 9211). */
  readonly cache?: string;
  /** The upstream and the path it gets. */
  readonly upstream?: string;
  readonly path?: string;
}

/** The virtual host of the tour's requests. */
export const TOUR_HOST = "shop.example.com";

/** After the end of a record's life in the filter; clocks are read at different moments. */
const MARGIN = 250;

const ACME = { status: 200, upstream: "cell-1", path: "/stores/acme" };
const GLOBEX = { status: 200, upstream: "cell-2", path: "/stores/globex" };

export const ITINERARY: readonly Visit[] = [
  { shows: "a tenant's first request asks the service", path: "/api/acme", expected: { ...ACME, tier: "service" } },
  { shows: "the second is answered from memory", path: "/api/acme", expected: { ...ACME, tier: "local" } },
  {
    shows: "the query stays",
    path: "/api/acme?color=red&size=9",
    expected: { ...ACME, tier: "local", path: "/stores/acme?color=red&size=9" },
  },
  { shows: "another tenant, another cell", path: "/api/globex", expected: { ...GLOBEX, tier: "service" } },
  {
    shows: "a response that may be stored",
    path: "/api/acme?max-age=60",
    expected: { ...ACME, tier: "local", path: "/stores/acme?max-age=60", cache: "uri-miss" },
  },
  {
    shows: "the next one is the stored one",
    path: "/api/acme?max-age=60",
    expected: { ...ACME, tier: "local", path: "/stores/acme?max-age=60", cache: "hit" },
  },
  {
    shows: "another tenant has one of its own",
    path: "/api/globex?max-age=60",
    expected: { ...GLOBEX, tier: "local", path: "/stores/globex?max-age=60", cache: "uri-miss" },
  },
  { shows: "a tenant nobody knows", path: "/api/nobody", expected: { status: 404, tier: "service" } },
  { shows: "that is remembered, too", path: "/api/nobody", expected: { status: 404, tier: "local" } },
  {
    shows: "a path of no lookup stays as it is",
    path: "/cell-2/plain?a=b",
    expected: { status: 200, upstream: "cell-2", path: "/cell-2/plain?a=b" },
  },
  {
    shows: "a client cannot choose its cell",
    path: "/cell-2/plain",
    headers: { "x-cell": "cell-1" },
    expected: { status: 200, upstream: "cell-2", path: "/cell-2/plain" },
  },
  {
    shows: "when memory has expired, Redis answers",
    path: "/api/acme",
    notBefore: TOUR_TTL + MARGIN,
    expected: { ...ACME, tier: "webdis" },
  },
  { shows: "and memory has it again", path: "/api/acme", expected: { ...ACME, tier: "local" } },
];

/** How often the routing service is asked for each key over the whole tour. */
export const EXPECTED_SERVICE_REQUESTS: Readonly<Record<string, number>> = {
  [`route:${TOUR_HOST}:acme`]: 1,
  [`route:${TOUR_HOST}:globex`]: 1,
  [`route:${TOUR_HOST}:nobody`]: 1,
};
