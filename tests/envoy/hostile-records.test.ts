import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { HOSTILE_DOCUMENTS } from "../fixtures/hostile/json.ts";
import { HOSTILE_RECORDS } from "../fixtures/hostile/record.ts";
import { HOST, keyOf, routeConfig } from "../fixtures/route/fixture.ts";
import { Gateway } from "./support/gateway.ts";

const gateway = new Gateway([routeConfig()]);

beforeAll(async () => {
  await gateway.start();
  await gateway.put(keyOf(HOST, "good"), '{"path": "/svc"}');
});

afterAll(async () => {
  await gateway.stop();
});

async function ask(tenant: string): Promise<HttpReply> {
  return send({ port: gateway.port(0), path: `/api/${tenant}/orders`, headers: { host: HOST } });
}

describe("hostile documents in the real Redis", () => {
  it.each([
    ["route records that are none", HOSTILE_RECORDS],
    // Webdis ends a value at its first NUL, and what is before it may be JSON.
    ["documents that are hardly JSON", HOSTILE_DOCUMENTS.filter(({ bytes }) => !bytes.includes(0))],
  ])("%s change nothing of a request, and the next one is served", async (kind, corpus) => {
    expect(corpus.length).toBeGreaterThan(200);
    const wrong: string[] = [];
    for (const [index, { name, bytes }] of corpus.entries()) {
      const tenant = `${kind.replaceAll(" ", "-")}-${index}`;
      await gateway.put(keyOf(HOST, tenant), Buffer.from(bytes));
      const reply = await ask(tenant);
      const path = reply.status === 200 ? (json(reply) as { path: string }).path : `status ${reply.status}`;
      // The service does not know these tenants: a miss, after Redis has failed.
      if (path !== `/api/${tenant}/orders`) wrong.push(`${name}: ${path}`);
      if (reply.headers["x-signpost"] !== "lookup=route; tier=service; age=0; reason=miss") wrong.push(name);
    }
    expect(wrong).toEqual([]);
    expect((json(await ask("good")) as { path: string }).path).toBe("/svc");
  });
});
