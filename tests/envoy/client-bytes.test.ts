import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { HOST, lookupsConfig } from "../fixtures/route/fixture.ts";
import { Gateway } from "./support/gateway.ts";
import { PATH_PIECES } from "../fixtures/hostile/path-pieces.ts";

/** Another one every run; `SEED=… npx vitest …` repeats one. */
const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = 400;

/** RFC 3986 §3.3 and §3.4: path-absolute, and a query. */
const PATH =
  /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$/;

const gateway = new Gateway([
  lookupsConfig([
    {
      name: "route",
      match: { paths: ["/api/*"] },
      key: "bytes:{host}",
      apply: {
        path: "/{record:/cell}/{rest}?{query|}",
        headers: [
          { name: "x-agent", value: "{header[user-agent]}" },
          { name: "x-cell", value: "{record:/cell}" },
        ],
      },
    },
  ]),
]);

beforeAll(async () => {
  await gateway.start();
  await gateway.put(`bytes:${HOST}`, '{"cell": "c7"}');
});

afterAll(async () => {
  await gateway.stop();
});

/** Node writes header bytes as Latin-1, and so does it the path. */
function ask(path: string, agent = "x"): Promise<HttpReply> {
  return send({ port: gateway.port(0), path, headers: { host: HOST, "user-agent": agent } });
}

interface Seen {
  path: string;
  headers: Record<string, string[]>;
}

/** What the upstream saw; undefined where the request did not reach it. */
function seenBy(reply: HttpReply): Seen | undefined {
  return reply.headers["x-served-by"] === undefined ? undefined : (json(reply) as Seen);
}

describe("what clients send and Envoy lets pass", () => {
  it("reaches the upstream under its route: a header that is no UTF-8, byte for byte", async () => {
    const seen = seenBy(await ask("/api/x", "bot\xe9\xff/1"));
    expect(seen?.headers["x-agent"]).toEqual(["bot\xe9\xff/1"]);
    expect(seen).toMatchObject({ path: "/c7/x?", headers: { "x-cell": ["c7"] } });
  });

  it("makes a path of RFC 3986, or is answered 400 for a dot segment", async () => {
    const piece = fc.oneof(
      fc.constantFrom(...PATH_PIECES, "?"),
      fc.integer({ min: 0x21, max: 0xff }).map((byte) => String.fromCharCode(byte)),
    );
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const reply = await ask(`/api/${pieces.join("")}`);
        const seen = seenBy(reply);
        if (seen === undefined) {
          expect(reply.status).toBe(400);
          return;
        }
        passed++;
        expect(seen.path).toMatch(PATH);
        expect(seen.path).toMatch(/^\/c7\//);
        expect(seen.headers["x-cell"]).toEqual(["c7"]);
      }),
      { numRuns: REQUESTS, seed: SEED },
    );
    expect(passed).toBeGreaterThan(REQUESTS / 4);
  });
});
