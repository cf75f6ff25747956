import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpReply, HttpRequest } from "../../envoy-local/lib/http-client.ts";
import { HOST, WEBDIS, lookupsConfig } from "../fixtures/route/fixture.ts";
import { CacheMesh } from "./support/cache-mesh.ts";
import { Cell, type Asked, type Answer } from "./support/cell.ts";
import { meshForTests } from "./support/for-tests.ts";

const FRESH = { "cache-control": "max-age=60", "content-type": "text/plain" };
const MODIFIED = "Tue, 31 Dec 2024 23:00:00 GMT";

/** What the cell answers, by the first segment of the path. */
const ANSWERS: Readonly<Record<string, (asked: Asked, count: number) => Answer | Promise<Answer>>> = {
  fresh: (_, count) => ({ headers: { ...FRESH, etag: '"v1"', "last-modified": MODIFIED }, body: `answer ${count}` }),
  validated: ({ headers }, count) => {
    const validators = { "cache-control": "no-cache", "content-type": "text/plain", etag: '"v1"' };
    if (headers["if-none-match"] === '"v1"') return { status: 304, headers: validators };
    return { headers: validators, body: `answer ${count}` };
  },
  language: ({ headers }, count) => ({
    headers: { ...FRESH, vary: "accept-language" },
    body: `${headers["accept-language"] ?? "none"} ${count}`,
  }),
  private: (_, count) => ({ headers: { ...FRESH, "cache-control": "private, max-age=60" }, body: `answer ${count}` }),
  cookie: (_, count) => ({ headers: { ...FRESH, "set-cookie": `id=${count}` }, body: `answer ${count}` }),
  slow: async (_, count) => {
    await delay(300);
    return { headers: FRESH, body: `answer ${count}` };
  },
  failing: (_, count) => {
    if (count > 1) return { status: 503, body: "out of order" };
    return { headers: { ...FRESH, "cache-control": "max-age=0, stale-if-error=60", etag: '"v1"' }, body: "stored" };
  },
};

const cell: Cell = new Cell("cell-1", (asked) => {
  const answer = ANSWERS[asked.path.split("/")[1] ?? ""];
  return answer?.(asked, cell.timesAsked(asked.path)) ?? { status: 404 };
});
const around = new CacheMesh([cell]);

beforeAll(async () => {
  await around.start();
});

afterAll(async () => {
  await around.stop();
});

const mesh = meshForTests({}, async (started) => {
  const routing = lookupsConfig([{ name: "route", match: { paths: ["/api/*"] }, key: "route:{path[1]}" }]);
  await around.open(started, { routing, caching: { webdis: WEBDIS, responseCache: {} } });
});

/** Sends a GET, if nothing else is said. */
async function ask(path: string, request: Partial<HttpRequest> = {}): Promise<HttpReply> {
  const headers = { host: HOST, ...(request.headers as Record<string, string> | undefined) };
  return mesh().send({ ...request, port: around.port, path, headers });
}

/** Status, body and what our cache says. */
function outline({ status, body, headers }: HttpReply): [number, string, string] {
  return [status, body.toString(), String(headers["cache-status"])];
}

describe("a response that may be stored", () => {
  it("is answered from the store the next time, with its age", async () => {
    expect(outline(await ask("/fresh/a"))).toEqual([200, "answer 1", "signpost; fwd=uri-miss; stored"]);
    const second = await ask("/fresh/a");
    expect(outline(second)).toEqual([200, "answer 1", expect.stringMatching(/^signpost; hit; ttl=\d+$/)]);
    expect(Number(second.headers.age)).toBeLessThan(60);
    expect(second.headers).toMatchObject({ "content-type": "text/plain", etag: '"v1"', "x-served-by": "cell-1" });
    expect(cell.timesAsked("/fresh/a")).toBe(1);
  });

  it("is another one for another query", async () => {
    await ask("/fresh/query?a=1");
    expect(outline(await ask("/fresh/query?a=2"))[2]).toBe("signpost; fwd=uri-miss; stored");
  });

  it("answers a HEAD without its content", async () => {
    await ask("/fresh/head");
    const { status, headers, body } = await ask("/fresh/head", { method: "HEAD" });
    expect([status, headers["content-length"], body.length]).toEqual([200, "8", 0]);
    expect(headers["cache-status"]).toMatch(/^signpost; hit; /);
    expect(cell.timesAsked("/fresh/head")).toBe(1);
  });

  it.each([{ "if-none-match": '"v1"' }, { "if-modified-since": MODIFIED }])(
    "answers 304 to a client that has it: %j",
    async (headers) => {
      await ask("/fresh/304");
      const reply = await ask("/fresh/304", { headers });
      expect([reply.status, reply.body.length, reply.headers.etag]).toEqual([304, 0, '"v1"']);
      expect(cell.timesAsked("/fresh/304")).toBe(1);
    },
  );

  it("answers a range of it", async () => {
    await ask("/fresh/range");
    const reply = await ask("/fresh/range", { headers: { range: "bytes=0-5" } });
    expect([reply.status, reply.body.toString(), reply.headers["content-range"]]).toEqual([
      206,
      "answer",
      "bytes 0-5/8",
    ]);
  });

  it("is no longer used after a POST to its URL", async () => {
    await ask("/fresh/post");
    expect((await ask("/fresh/post", { method: "POST", body: "change" })).status).toBe(200);
    // The cell counts the POST, too.
    expect(outline(await ask("/fresh/post"))[1]).toBe("answer 3");
    expect(outline(await ask("/fresh/post"))).toEqual([200, "answer 3", expect.stringMatching(/^signpost; hit; /)]);
  });

  it("is fetched once for all who ask for it at once", async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask("/slow/a")));
    expect(new Set(replies.map(({ body }) => body.toString()))).toEqual(new Set(["answer 1"]));
    expect(cell.timesAsked("/slow/a")).toBe(1);
  });
});

describe("a response that is to be validated", () => {
  it("is served again after the upstream's 304", async () => {
    await ask("/validated/a");
    expect(outline(await ask("/validated/a"))).toEqual([
      200,
      "answer 1",
      expect.stringMatching(/^signpost; fwd=stale; fwd-status=304/),
    ]);
    const asked = cell.seen.filter(({ path }) => path === "/validated/a");
    expect(asked.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"v1"']);
  });
});

describe("a response that depends on a request header", () => {
  it("is one for each of its values", async () => {
    for (const language of ["de", "en"]) await ask("/language/a", { headers: { "accept-language": language } });
    for (const [language, body] of [
      ["de", "de 1"],
      ["en", "en 2"],
    ] as const) {
      const reply = await ask("/language/a", { headers: { "accept-language": language } });
      expect(outline(reply)).toEqual([200, body, expect.stringMatching(/^signpost; hit; /)]);
    }
    expect(outline(await ask("/language/a"))[1]).toBe("none 3");
  });
});

describe("a response that is one client's", () => {
  it.each(["private", "cookie"])("is not stored: %s", async (kind) => {
    expect(outline(await ask(`/${kind}/a`))[1]).toBe("answer 1");
    expect(outline(await ask(`/${kind}/a`))[1]).toBe("answer 2");
  });
});

describe("a stale response", () => {
  it("stands in for an upstream's error where it may", async () => {
    await ask("/failing/a");
    expect(outline(await ask("/failing/a"))).toEqual([
      200,
      "stored",
      expect.stringMatching(/^signpost; fwd=stale; fwd-status=503/),
    ]);
  });
});
