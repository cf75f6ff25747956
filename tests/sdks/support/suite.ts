import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALLOWED, type Edge, type Language } from "./edge.ts";
import { envoyWith } from "./on-envoy.ts";
import { hostWith } from "./on-host.ts";

/** What filters of the official SDK of a language do on Envoy, they do on the test host. */
export function describeFiltersOf(language: Language): void {
  describe.each([
    { where: "the test host", start: hostWith },
    { where: "Envoy", start: envoyWith },
  ])(`filters in ${language}, on $where`, ({ start }) => {
    let edge: Edge;

    beforeAll(async () => {
      edge = await start(language);
    });

    afterAll(async () => {
      await edge.stop();
    });

    it("read their configuration, and change request and response", async () => {
      expect(await edge.get(["headers"], "/")).toMatchObject({
        status: 200,
        headers: { "x-added": "blue" },
        body: "ok",
        upstream: { "x-added": "blue" },
      });
    });

    it("hold a request until a call is answered, and let it pass", async () => {
      expect(await edge.get(["auth"], ALLOWED)).toMatchObject({ status: 200, body: "ok", upstream: {} });
    });

    it("answer a request themselves", async () => {
      expect(await edge.get(["auth"], "/other")).toMatchObject({
        status: 403,
        headers: { "x-denied-by": language },
        body: "denied",
        upstream: undefined,
      });
    });

    it("share data between streams", async () => {
      const counts = [await edge.get(["shared"], "/"), await edge.get(["shared"], "/")].map(({ headers }) =>
        Number(headers["x-count"]),
      );
      expect(counts).toEqual([1, 2]);
    });

    it("follow each other in a chain, each a module of its own", async () => {
      expect(await edge.get(["auth", "headers", "shared"], ALLOWED)).toMatchObject({
        status: 200,
        headers: { "x-added": "blue", "x-count": expect.stringMatching(/^\d+$/) as string },
        upstream: { "x-added": "blue" },
      });
      expect(await edge.get(["auth", "headers", "shared"], "/other")).toMatchObject({ status: 403, body: "denied" });
    });

    it("hear of the end of each stream", () => {
      expect(edge.log()).toContain("done");
    });
  });
}
