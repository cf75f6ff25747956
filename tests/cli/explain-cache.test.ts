import { describe, expect, it } from "vitest";
import { explainJson } from "./support/explain.ts";

const CACHING = { webdis: { cluster: "webdis", authority: "webdis" }, responseCache: {} };

describe("a response cache", () => {
  it("is shown asking Redis, with the request waiting for it", async () => {
    const replies = [{ cluster: "webdis", method: "GET", body: "$-1\r\n" }];
    const [explanation] = await explainJson({ config: CACHING, replies });
    expect(explanation?.responseCache).toMatchObject([{ tier: "webdis", reply: { status: 200, body: "$-1\r\n" } }]);
    expect(explanation?.responseCache[0]?.question?.path).toMatch(/^\/GET\/signpost%3Acache%3A[0-9a-f]{64}\.raw$/);
    expect(explanation?.afterwards).toEqual([]);
    expect(explanation?.decision).toMatchObject({ kind: "continue", changes: [] });
  });

  it("asks nobody for a request with a body", async () => {
    const [explanation] = await explainJson({
      config: CACHING,
      replies: [],
      args: ["--method", "POST", "--body", "x"],
    });
    expect(explanation?.responseCache).toEqual([]);
  });
});
