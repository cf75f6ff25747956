import { describe, expect, it } from "vitest";
import { bodyOf, cacheWith, get, store, told, type Fields } from "./support/review-cache.ts";

describe("a stored response with more fields than the proxy takes of an answer", () => {
  it("is fetched again: no request is left without an answer", async () => {
    const { plugin } = await cacheWith();
    const many: Fields = Array.from({ length: 1022 }, (_, index) => [`x-${index}`, "1"] as const);
    store(plugin, "/page", [["cache-control", "max-age=60"], ...many]);
    const stream = get(plugin, "/page");
    expect(stream.request.state).toBe("forwarded");
    stream.respond({ body: "new" });
    expect(bodyOf(stream)).toBe("new");
    expect(told(stream)).toContain("fwd=");
  });
});
