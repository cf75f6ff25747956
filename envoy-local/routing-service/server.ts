/**
 * The sample routing service: knows in SQL which cell serves a tenant, and writes what it answers to Redis.
 *
 *   GET  /routes?host=…&tenant=…   200 and the route record, or 404
 *   PUT  /routes?host=…&tenant=…   {"cell", "path", "headers"}: adds or replaces a tenant, forgets its record in Redis
 *   GET  /healthz                  200 when the database answers
 *   GET  /stats                    requests in all and by key, writes to Redis, processor time
 *
 * Environment: HOST, PORT (default 8080), REDIS_URL (empty: nothing is written to Redis), DATABASE_URL (default: an
 * embedded PostgreSQL, in memory; file:///directory keeps it there), KEY_PREFIX (default "signpost:"), REDIS_TTL (seconds,
 * default 60), TENANTS_FILE (JSON, a list of {"host", "tenant", "cell", "path", "headers"}: tenants to begin with, beside
 * the two of the tour).
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "../lib/http-server.ts";
import { RequestError, readJson, requestUrl, tenantFields, tenantList, type TenantFields } from "./requests.ts";
import { FIRST_TENANTS, routeKey, routeRecord, type Tenant } from "./records.ts";
import { SharedRecords } from "./shared-records.ts";
import { Statistics } from "./statistics.ts";
import { openStore } from "./store.ts";

const store = await openStore(process.env["DATABASE_URL"], [
  ...FIRST_TENANTS,
  ...tenantsOf(process.env["TENANTS_FILE"]),
]);
const shared = new SharedRecords(
  process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379",
  process.env["KEY_PREFIX"] ?? "signpost:",
  redisTtl(process.env["REDIS_TTL"] ?? "60"),
);
const statistics = new Statistics();

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Seconds as text, in milliseconds. */
function redisTtl(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw new Error(`REDIS_TTL is "${text}": it must be a whole number of seconds, at least 1`);
  }
  return seconds * 1_000;
}

function tenantsOf(file: string | undefined): Tenant[] {
  return file === undefined ? [] : tenantList(JSON.parse(readFileSync(file, "utf8")));
}

async function findRoute(url: URL): Promise<Answer> {
  const { host, tenant } = whichTenant(url);
  const key = routeKey(host, tenant);
  statistics.countRequest(key);
  const row = await store.find(host, tenant);
  if (row === null) {
    return { status: 404, body: { error: `no tenant "${tenant}" on ${host}` } };
  }
  const record = routeRecord(row);
  // Not awaited: a slow Redis must not make this service slow.
  void shared.write(key, record);
  return { status: 200, body: record };
}

async function putTenant(url: URL, fields: TenantFields): Promise<Answer> {
  const { host, tenant } = whichTenant(url);
  await store.put({ host, tenant, ...fields });
  // An answer read from SQL just before this may still bring the old record back: then its TTL ends it.
  await shared.forget(routeKey(host, tenant));
  return { status: 200, body: { host, tenant, ...fields } };
}

function whichTenant(url: URL): { host: string; tenant: string } {
  const host = url.searchParams.get("host");
  const tenant = url.searchParams.get("tenant");
  if (host === null || host === "" || tenant === null || tenant === "") {
    throw new RequestError(400, "the query needs host and tenant: /routes?host=shop.example.com&tenant=acme");
  }
  return { host, tenant };
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const url = requestUrl(request);
  switch (`${request.method ?? ""} ${url.pathname}`) {
    case "GET /routes":
      return findRoute(url);
    case "PUT /routes":
      return putTenant(url, tenantFields(await readJson(request)));
    case "GET /healthz":
      await store.check();
      return { status: 200, body: { status: "ok" } };
    case "GET /stats":
      return { status: 200, body: { ...statistics.report(), redisWrites: shared.counts } };
    default:
      throw new RequestError(404, "there are GET and PUT /routes, GET /healthz and GET /stats");
  }
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await answer(request).catch((error: unknown): Answer => {
    if (error instanceof RequestError) {
      return { status: error.status, body: { error: error.message } };
    }
    console.error(error);
    return { status: 500, body: { error: "the routing service failed; its log says why" } };
  });
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

shared.connect();
serve("routing-service", 8080, (request, response) => {
  void respond(request, response);
});
