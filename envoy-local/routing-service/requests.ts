import type { IncomingMessage } from "node:http";
import type { Tenant } from "./records.ts";

/** The body of a PUT may be this long, in bytes. */
const MAX_BODY = 64 * 1024;

/** A request the service refuses: the status and what would be right. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a PUT says of a tenant. */
export type TenantFields = Pick<Tenant, "cell" | "path" | "headers">;

/** The address a request asks for; a 400 when it is none. */
export function requestUrl(request: IncomingMessage): URL {
  const base = "http://routing-service";
  if (request.url === undefined || !URL.canParse(request.url, base)) {
    throw new RequestError(400, "not an address");
  }
  return new URL(request.url, base);
}

/** The body as JSON; a 400 or 413 when it is none. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) {
      throw new RequestError(413, `the body is longer than ${MAX_BODY} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new RequestError(400, "the body is not JSON");
  }
}

/** Reads `{"cell": "…", "path": "/…", "headers": {"name": "value"}}`; a 400 when it is something else. */
export function tenantFields(body: unknown): TenantFields {
  if (typeof body !== "object" || body === null) {
    throw new RequestError(400, 'the body must be {"cell": "…", "path": "/…", "headers": {…}}');
  }
  const { cell, path, headers = {} } = body as Record<string, unknown>;
  if (typeof cell !== "string" || cell === "") {
    throw new RequestError(400, "cell must be the name of a cell");
  }
  if (typeof path !== "string" || !path.startsWith("/")) {
    throw new RequestError(400, "path must begin with /");
  }
  if (!isTextMap(headers)) {
    throw new RequestError(400, "headers must be an object whose values are strings");
  }
  return { cell, path, headers };
}

/** Reads a list of whole tenants: `[{"host": "…", "tenant": "…", "cell": "…", "path": "/…", "headers": {…}}]`. */
export function tenantList(list: unknown): Tenant[] {
  if (!Array.isArray(list)) {
    throw new Error("the tenants must be a list");
  }
  return list.map((entry: unknown, index) => {
    const { host, tenant } = (entry ?? {}) as Record<string, unknown>;
    if (typeof host !== "string" || host === "" || typeof tenant !== "string" || tenant === "") {
      throw new Error(`tenant ${index} of the list needs host and tenant`);
    }
    return { host, tenant, ...tenantFields(entry) };
  });
}

function isTextMap(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((entry) => typeof entry === "string")
  );
}
