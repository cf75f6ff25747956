import { describe, expect, it } from "vitest";
import { TestChain, lookupOf } from "../support/lookup.ts";

const FIRST = lookupOf({ name: "first" });
const SECOND = lookupOf({ name: "second" });
const THIRD = lookupOf({ name: "third" });

describe("a request", () => {
  it("goes on unchanged without lookups", () => {
    expect(new TestChain([]).enter()).toMatchObject({ step: "continue", changes: [], report: "" });
  });

  it("goes on unchanged where no lookup applies", () => {
    const unmatched = lookupOf({ name: "unmatched", match: { paths: ["/other/*"] } });
    const keyless = lookupOf({ name: "keyless", key: "route:{header[x-a]}" });
    const pathless = lookupOf({ name: "pathless", service: { cluster: "routing", path: "/{header[x-a]}" } });
    const chain = new TestChain([unmatched, keyless, pathless]);
    expect(chain.enter()).toMatchObject({
      step: "continue",
      changes: [],
      report:
        "lookup=unmatched; tier=none; reason=no match, lookup=keyless; tier=none; reason=no key, " +
        "lookup=pathless; tier=none; reason=no service path",
    });
    expect(chain.launches()).toEqual([]);
  });

  it("is not led by a stored record where it lacks a value for the service's path", () => {
    const service = { cluster: "routing", path: "/{header[x-a]}" };
    const chain = new TestChain([lookupOf({ service })]);
    const first = chain.enter("/acme/x", { "x-a": "1" });
    chain.serve(chain.launch().found({ path: "/svc" }));
    expect(first.changes).toEqual([{ what: "path", value: "/svc" }]);
    expect(chain.enter("/acme/x")).toMatchObject({
      step: "continue",
      changes: [],
      report: "lookup=route; tier=none; reason=no service path",
    });
  });

  it("leaves no changes behind once they have been made", () => {
    const chain = new TestChain([FIRST]);
    for (const note of ["", "x".repeat(10_000)]) {
      const passage = chain.enter(`/tenant-${note.length}/x`);
      chain.serve(chain.launch().found({ headers: { "x-note": note } }));
      expect(passage.changes).toHaveLength(1);
      passage.forgetChanges();
      expect(passage.changes).toEqual([]);
    }
  });

  it("gets no report that nobody asked for", () => {
    const chain = new TestChain([FIRST], false);
    const passage = chain.enter();
    chain.serve(chain.launch().found({ path: "/svc" }));
    expect(passage).toMatchObject({ step: "continue", report: "" });
  });
});

describe("several lookups", () => {
  it("are asked in their order, and their changes are collected", () => {
    const chain = new TestChain([FIRST, SECOND]);
    const passage = chain.enter();
    const first = chain.launch();
    expect(first.lookup).toBe("first");
    expect(chain.serve(first.found({ path: "/first", headers: { "x-a": "1" } }))).toEqual([passage]);
    expect(passage.step).toBe("wait");
    const second = chain.launch();
    chain.serve(second.found({ path: "/second", headers: { "x-b": "2" } }));
    expect(passage).toMatchObject({
      step: "continue",
      changes: [
        { what: "path", value: "/first" },
        { what: "set", name: "x-a", value: "1" },
        { what: "path", value: "/second" },
        { what: "set", name: "x-b", value: "2" },
      ],
      report: "lookup=first; tier=webdis; age=0, lookup=second; tier=webdis; age=0",
    });
  });

  it("are passed in one go where all is stored", () => {
    const chain = new TestChain([FIRST, SECOND]);
    chain.enter();
    chain.serve(chain.launch().found({ path: "/first" }));
    chain.serve(chain.launch().found({ host: "second" }));
    chain.now += 2000;
    expect(chain.enter()).toMatchObject({
      step: "continue",
      changes: [
        { what: "path", value: "/first" },
        { what: "host", value: "second" },
      ],
      report: "lookup=first; tier=local; age=2, lookup=second; tier=local; age=2",
    });
  });

  it("keep their stores apart", () => {
    const chain = new TestChain([FIRST, SECOND]);
    chain.enter();
    chain.serve(chain.launch().found({ path: "/first" }));
    expect([chain.entries(0), chain.entries(1), chain.flightCount(0), chain.flightCount(1)]).toEqual([1, 0, 0, 1]);
  });

  it("end with a direct answer, which takes the place of all changes before it", () => {
    const chain = new TestChain([FIRST, SECOND, lookupOf({ name: "third" })]);
    const passage = chain.enter();
    chain.serve(chain.launch().found({ path: "/first" }));
    chain.serve(chain.launch().found({ status: 302, location: "/new" }));
    expect(passage).toMatchObject({
      step: "answer",
      changes: [{ what: "answer", status: 302, location: "/new", body: "" }],
    });
    expect(chain.launches()).toEqual([]);
  });

  it("go on after a miss and an error that are to continue", () => {
    const chain = new TestChain([FIRST, SECOND, lookupOf({ name: "third", service: undefined })]);
    const passage = chain.enter();
    const first = chain.launch().missing();
    chain.launch();
    chain.serve(first.missing());
    const second = chain.launch().failed("timeout");
    chain.launch();
    chain.serve(second.failed("overload", "full"));
    chain.serve(chain.launch().found({ path: "/third" }));
    expect(passage).toMatchObject({
      step: "continue",
      changes: [{ what: "path", value: "/third" }],
      report:
        "lookup=first; tier=service; age=0; reason=miss, lookup=second; tier=none; reason=overload: full, " +
        "lookup=third; tier=webdis; age=0",
    });
  });

  it.each([
    ["miss", { onMiss: { status: 404, body: "no such tenant" } }, 404, "no such tenant"],
    ["error", { onError: { status: 503 } }, 503, ""],
  ])("end with the answer to a %s, which takes the place of all changes before it", (what, action, status, body) => {
    const chain = new TestChain([FIRST, lookupOf({ name: "second", service: undefined, ...action }), THIRD]);
    const passage = chain.enter();
    chain.serve(chain.launch().found({ path: "/first" }));
    const second = chain.launch();
    chain.serve(what === "miss" ? second.missing() : second.failed("timeout"));
    expect(passage).toMatchObject({ step: "answer", changes: [{ what: "answer", status, location: "", body }] });
    expect(chain.launches()).toEqual([]);
  });
});

describe("a request that makes no valid question", () => {
  const refusing = { onMiss: { status: 404 }, onError: { status: 503 } };

  it.each([
    [1024, "wait"],
    [1025, "answer"],
  ])("has a key of more than 1 KiB: with %i bytes it is to %s", (bytes, step) => {
    const chain = new TestChain([lookupOf(refusing)]);
    const passage = chain.enter(`/${"x".repeat(bytes - "route:".length)}`);
    expect(passage.step).toBe(step);
    if (step === "wait") return;
    expect(passage.report).toBe("lookup=route; tier=none; reason=invalid: key too long");
    expect(passage.changes).toEqual([{ what: "answer", status: 400, location: "", body: "" }]);
    expect([chain.launches(), chain.flightCount()]).toEqual([[], 0]);
  });

  it("does not lack a header that its value makes none that a request can carry: that one is left out", () => {
    const headers = { "x-tenant": "{path[0]}", "x-other": "{header[x-other]}" };
    const chain = new TestChain([lookupOf({ ...refusing, service: { cluster: "routing", path: "/routes", headers } })]);
    const passage = chain.enter("/a%0D%0Ax:y", { "x-other": "other" });
    expect(passage.step).toBe("wait");
    expect(chain.launch().serviceHeaders).toEqual([{ what: "set", name: "x-other", value: "other" }]);
  });

  it.each([
    ["path", { path: "/{header[x-long]|none}" }],
    ["headers", { path: "/routes", headers: { "x-copy": "{header[x-long]}" } }],
  ])("would ask the service with too long a %s", (part, request) => {
    const ask = (length: number): string => {
      const chain = new TestChain([lookupOf({ ...refusing, service: { cluster: "routing", ...request } })]);
      const passage = chain.enter("/acme/x", { "x-long": "x".repeat(length) });
      return passage.step === "wait" ? chain.launch().key : passage.report;
    };
    expect(ask(16_000)).toBe("route:acme");
    expect(ask(17_000)).toBe(`lookup=route; tier=none; reason=invalid: service ${part} too long`);
  });
});
