/** A tenant of a host: one row of the table, and what the filter needs to route its requests. */
export interface Tenant {
  readonly host: string;
  readonly tenant: string;
  /** Which upstream serves it; the routes of Envoy choose by it. */
  readonly cell: string;
  /** Replaces the path of the request. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The route record, as the filter reads it: from the answer of this service, or from Redis. */
export interface RouteRecord {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function routeRecord(tenant: Tenant): RouteRecord {
  return { path: tenant.path, headers: { ...tenant.headers, "x-cell": tenant.cell } };
}

/** The key of the record, without the filter's `keyPrefix`; the lookup's `key` says `route:{host}:{path[1]}`. */
export function routeKey(host: string, tenant: string): string {
  return `route:${encodeKeyValue(host)}:${encodeKeyValue(tenant)}`;
}

/** Percent-encodes all but the unreserved characters of RFC 3986 §2.3, as the filter does for values in keys. */
function encodeKeyValue(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g, // encodeURIComponent leaves these
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The tenants the service starts with. */
export const FIRST_TENANTS: readonly Tenant[] = [
  {
    host: "shop.example.com",
    tenant: "acme",
    cell: "cell-1",
    path: "/stores/acme",
    headers: { "x-org": "Acme Corporation" },
  },
  {
    host: "shop.example.com",
    tenant: "globex",
    cell: "cell-2",
    path: "/stores/globex",
    headers: { "x-org": "Globex" },
  },
];
