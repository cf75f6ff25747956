import { describe, expect, it } from "vitest";
import {
  NIL,
  PASSWORD,
  URL_OF_ACME,
  config,
  explain,
  explainJson,
  fromService,
  inRedis,
  stepsOf,
} from "./support/explain.ts";

const RECORD = { path: "/svc/acme", headers: { "x-cell": "7" }, removeHeaders: ["x-debug"] };

describe("signpost explain", () => {
  it("shows each step from match to change", async () => {
    const { code, stdout, stderr } = await explain({
      replies: [
        { ...NIL, milliseconds: 1.5 },
        { ...fromService(RECORD), milliseconds: 12 },
      ],
      args: ["-H", "x-cell: 9", "-H", "X-Debug: 1"],
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toBe(`GET ${URL_OF_ACME}
  x-cell: 9
  x-debug: 1

lookup route
  match     yes
  key       route:shop.example.com:acme
  local     nothing fresh
  webdis    GET signpost:route:shop.example.com:acme
            GET /GET/signpost%3Aroute%3Ashop%2Eexample%2Ecom%3Aacme.json?jsonp=MARK
            cluster webdis, within 50 ms
            host: webdis
            authorization: ***
            recorded: 200 after 1.5 ms, 20 bytes: nil
            → miss
  service   GET /routes?host=shop.example.com&tenant=acme
            cluster routing, within 250 ms
            host: routing
            accept-encoding: identity
            recorded: 200 after 12 ms, 73 bytes: {"path":"/svc/acme","headers":{"x-cell":"7"},"removeHeaders":["x-debug"]}
            → found
  result    tier=service

decision    the request goes on; the proxy chooses its route anew
  path      /api/acme/orders?x=1 → /svc/acme?x=1
  x-cell    9 → 7
  x-debug   1 → (removed)

report      lookup=route; tier=service; age=0
`);
  });

  it("says so when a lookup does not apply", async () => {
    const [explanation] = await explainJson({ url: "http://shop.example.com/health", args: ["-H", "x-cell: 9"] });
    expect(explanation?.lookups).toEqual([
      { lookup: "route", matched: false, asked: [], result: { lookup: "route", tier: "none", reason: "no match" } },
    ]);
    expect(explanation?.decision).toEqual({
      kind: "continue",
      changes: [{ name: "x-cell", before: ["9"], after: [] }],
      routeChosenAnew: true,
    });
  });

  it("shows the answer that a record gives, without the header that only debugging asked for", async () => {
    const [explanation] = await explainJson({
      config: config({}, { debugHeader: "X-Signpost" }),
      replies: [inRedis({ status: 301, location: "https://new.example.com/" })],
    });
    expect(explanation?.decision).toEqual({
      kind: "answer",
      status: 301,
      headers: [["location", "https://new.example.com/"]],
      body: "",
      by: "signpost",
    });
    expect(explanation?.report).toBe("lookup=route; tier=webdis; age=0");
  });

  it("serves the second request of two from the local store", async () => {
    const explanations = await explainJson({ replies: [inRedis(RECORD)], args: ["--times", "2", "--every", "5s"] });
    const [first, second] = explanations.map(({ lookups }) => lookups[0]);
    expect(first?.asked.length).toBe(1);
    expect(second).toMatchObject({ local: "hit", asked: [], result: { tier: "local", age: 5 } });
  });

  it("asks again once the local copy has expired", async () => {
    const [, second] = await explainJson({
      config: config({ local: { ttl: "1m", jitter: "0%", refreshAhead: "0s", staleWhileRevalidate: "0s" } }),
      replies: [inRedis(RECORD), inRedis({ path: "/moved" })],
      args: ["--times", "2", "--every", "61s"],
    });
    expect(second?.lookups[0]).toMatchObject({ local: "nothing fresh", result: { tier: "webdis" } });
  });

  it("tells what is asked in the background, after the request has gone on", async () => {
    const [, second] = await explainJson({
      config: config({ local: { ttl: "1m", jitter: "0%", staleWhileRevalidate: "1m" } }),
      replies: [inRedis(RECORD), inRedis({ path: "/moved" })],
      args: ["--times", "2", "--every", "61s"],
    });
    expect(second?.lookups[0]).toMatchObject({ local: "hit", asked: [] });
    expect(second?.afterwards).toMatchObject([{ tier: "webdis", answer: "found" }]);
  });

  it("sends a body, as text or from standard input, with POST", async () => {
    const replies = [inRedis({})];
    const [text] = await explainJson({ replies, args: ["--body", "héllo"] });
    const [piped] = await explainJson({ replies, args: ["--body", "-", "--method", "PUT"], input: "x".repeat(70_000) });
    expect([text?.request.method, text?.request.bodyBytes]).toEqual(["POST", 6]);
    expect([piped?.request.method, piped?.request.bodyBytes]).toEqual(["PUT", 70_000]);
  });

  it("sends the path as it is given", async () => {
    const url = "http://shop.example.com/api/../a%2Fb/./c?q=%zz";
    const [explanation] = await explainJson({ url, replies: [NIL, { cluster: "routing", status: 404 }] });
    expect(explanation?.lookups[0]?.key).toBe("route:shop.example.com:..");
    expect(explanation?.request.url).toBe(url);
  });
});

describe("what changes nothing in the request", () => {
  it("is told in shadow mode, in the filter's words", async () => {
    const [explanation] = await explainJson({ config: config({}, { shadow: true }), replies: [inRedis(RECORD)] });
    expect(explanation?.decision).toEqual({ kind: "continue", changes: [], routeChosenAnew: false });
    expect(explanation?.shadow?.join()).toContain("/svc/acme");
    expect(explanation?.report).toBe("lookup=route; tier=webdis; age=0");
  });

  it("is a tier that is not even asked, its breaker being open", async () => {
    const [, second] = await explainJson({
      config: config({ service: undefined }, { webdis: { cluster: "webdis", breaker: { failures: 1, open: "1m" } } }),
      replies: [{ cluster: "webdis", reset: true }],
      args: ["--times", "2"],
    });
    expect(second?.lookups[0]?.asked).toEqual([{ tier: "webdis", answer: "unavailable", reason: "breaker open" }]);
  });

  it("is a lookup that is not reached, because one before it has answered", async () => {
    const [route] = (config() as { lookups: Record<string, unknown>[] }).lookups;
    const [explanation] = await explainJson({
      config: { ...config(), lookups: [route, { ...route, name: "later" }] },
      replies: [inRedis({ status: 503, body: "closed" })],
    });
    expect(explanation?.lookups[1]).toEqual({ lookup: "later", matched: false, asked: [] });
  });
});

describe("credentials", () => {
  const args = ["-H", "Authorization: Bearer abc", "-H", "Cookie: sid=abc", "-H", "X-Api-Key: abc"];
  const replies = [inRedis({ headers: { "x-plan": "gold", "x-api-key": "def" } })];
  const basic = Buffer.from(`signpost:${PASSWORD}`).toString("base64");

  it.each([[], ["--json"]])("are nowhere in what is printed (%s)", async (...json) => {
    const { stdout } = await explain({ replies, args: [...args, ...json] });
    expect(stdout).toContain("gold");
    for (const secret of ["abc", PASSWORD, basic]) expect(stdout).not.toContain(secret);
  });

  it("may come from the environment", async () => {
    const webdis = { cluster: "webdis", username: "signpost", passwordEnv: "WEBDIS_PASSWORD" };
    const environment = { WEBDIS_PASSWORD: PASSWORD };
    const run = { config: config({}, { webdis }), replies, environment };
    const explanations = await explainJson({ ...run, args: ["--env", "WEBDIS_PASSWORD"] });
    expect(stepsOf(explanations)[0]?.question?.headers).toContainEqual(["authorization", "***"]);
  });
});
