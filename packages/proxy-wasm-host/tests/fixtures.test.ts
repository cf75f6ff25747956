import { describe, expect, it } from "vitest";
import { EnvoyCrash } from "../src/index.ts";
import { CRASHES } from "./fixtures/crashes.ts";
import { expectedOf } from "./fixtures/fixture.ts";
import { FIXTURES } from "./fixtures/index.ts";
import { runOnHost } from "./fixtures/on-host.ts";
import { Scripted } from "./scripted.ts";

describe.each(Object.entries(FIXTURES))("as in Envoy, of %s", (_, fixtures) => {
  it.each(fixtures)("$name", async (fixture) => {
    expect(await runOnHost(fixture)).toMatchObject(expectedOf(fixture));
  });
});

describe("what makes Envoy crash fails the test that does it", () => {
  it.each(CRASHES)("$name", async (fixture) => {
    await expect(runOnHost(fixture)).rejects.toThrow(EnvoyCrash);
  });

  it("and everything after it", async () => {
    const filter = await Scripted.create({ request_headers: ["close request", "close request", "return 1"] });
    expect(() => filter.get()).toThrow("Envoy would have crashed: stream 2 was closed after its end");
    expect(() => filter.get()).toThrow(EnvoyCrash);
    expect(() => filter.proxy.addPlugin({ rootId: "another", configuration: "" })).toThrow(EnvoyCrash);
  });
});
