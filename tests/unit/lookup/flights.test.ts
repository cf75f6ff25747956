import { describe, expect, it } from "vitest";
import { TestChain, lookupOf } from "../support/lookup.ts";

const RECORD = { path: "/svc" };
const PATH = [{ what: "path", value: "/svc" }];

function streams(passages: { stream: number }[]): number[] {
  return passages.map((passage) => passage.stream);
}

describe("a question", () => {
  it("is asked once, however many requests have it", () => {
    const chain = new TestChain();
    const passages = [chain.enter(), chain.enter(), chain.enter()];
    expect(passages.map((passage) => passage.step)).toEqual(["wait", "wait", "wait"]);
    expect(chain.launches()).toHaveLength(1);
    expect(chain.flightCount()).toBe(1);
  });

  it("is another one under another key", () => {
    const chain = new TestChain();
    chain.enter("/acme/x");
    chain.enter("/other/x");
    chain.enter("/acme/y");
    expect(chain.launches().map((flight) => flight.key)).toEqual(["route:acme", "route:other"]);
    expect(chain.flightCount()).toBe(2);
  });

  it("is another one to another lookup", () => {
    const chain = new TestChain([lookupOf(), lookupOf({ name: "second" })]);
    chain.enter();
    chain.serve(chain.launch().found({}));
    const flight = chain.launch();
    expect([flight.lookup, flight.key]).toEqual(["second", "route:acme"]);
  });

  it("has the service's path and headers as the request that opened it has them", () => {
    const service = {
      cluster: "routing",
      path: "/routes?path={path}&x={header[x-a]|none}",
      headers: { "X-Id": "{header[x-request-id]}", "x-missing": "{header[x-missing]}", "x-fixed": "a b" },
    };
    const chain = new TestChain([lookupOf({ service })]);
    chain.enter("/acme/1", { "x-request-id": "one" });
    chain.enter("/acme/2", { "x-request-id": "two" });
    const flight = chain.launch();
    expect(flight.servicePath).toBe("/routes?path=%2Facme%2F1&x=none");
    expect(flight.serviceHeaders).toEqual([
      { what: "set", name: "x-id", value: "one" },
      { what: "set", name: "x-fixed", value: "a b" },
    ]);
  });

  it("keeps all it needs when another request has passed meanwhile", () => {
    const chain = new TestChain();
    chain.enter("/acme/first");
    const flight = chain.launch();
    chain.enter("/others-with-a-longer-key/second");
    expect([flight.key, flight.servicePath]).toEqual(["route:acme", "/routes?path=%2Facme%2Ffirst"]);
  });

  it("may be asked anew once it has been answered", () => {
    const chain = new TestChain([lookupOf({ local: false })]);
    chain.enter();
    const first = chain.launch().found(RECORD);
    expect(chain.flightCount()).toBe(0);
    chain.enter();
    expect(chain.launch().handle).not.toBe(first.handle);
  });
});

describe("those who wait", () => {
  it("go on in the order in which they came, all with the answer", () => {
    const chain = new TestChain();
    for (let i = 0; i < 5; i++) chain.enter();
    const served = chain.serve(chain.launch().found(RECORD));
    expect(streams(served)).toEqual([1, 2, 3, 4, 5]);
    for (const passage of served) {
      expect([passage.step, passage.changes, passage.report]).toEqual([
        "continue",
        PATH,
        "lookup=route; tier=webdis; age=0",
      ]);
    }
  });

  it("wait on when they are led on before the answer is there", () => {
    const chain = new TestChain();
    const passage = chain.enter();
    expect(passage.hasLanded).toBe(false);
    expect(chain.lead(passage).step).toBe("wait");
    const flight = chain.launch().found(RECORD);
    expect(passage.hasLanded).toBe(true);
    expect(streams(chain.serve(flight))).toEqual([1]);
    expect(passage.hasLanded).toBe(false);
  });

  it("are served without the ones who left", () => {
    const chain = new TestChain();
    const passages = [chain.enter(), chain.enter(), chain.enter(), chain.enter()];
    passages[0]?.abandon();
    passages[2]?.abandon();
    passages[2]?.abandon();
    expect(streams(chain.serve(chain.launch().found(RECORD)))).toEqual([2, 4]);
  });

  it("may leave while those before them are being served", () => {
    const chain = new TestChain();
    const passages = [chain.enter(), chain.enter(), chain.enter()];
    const flight = chain.launch().found(RECORD);
    expect(chain.nextWaiter(flight)?.stream).toBe(1);
    passages[1]?.abandon();
    expect(chain.nextWaiter(flight)?.stream).toBe(3);
    expect(chain.nextWaiter(flight)).toBeUndefined();
  });

  it("are not made to leave by another flight than theirs", () => {
    const chain = new TestChain();
    const passages = [chain.enter("/acme/x"), chain.enter("/other/x")];
    const [first, second] = chain.launches();
    for (const passage of passages) first?.leave(passage);
    expect(first && chain.serve(first.found(RECORD))).toEqual([]);
    expect(second && streams(chain.serve(second.found(RECORD)))).toEqual([2]);
  });

  it("are served once", () => {
    const chain = new TestChain();
    chain.enter();
    const flight = chain.launch().found(RECORD);
    expect(chain.serve(flight)).toHaveLength(1);
    expect(chain.serve(flight)).toEqual([]);
  });

  it("may come as long as the question is out, also when it has gone on to the next tier", () => {
    const chain = new TestChain();
    chain.enter();
    const flight = chain.launch().missing();
    chain.enter();
    expect(chain.launch().tier).toBe("service");
    chain.enter();
    expect(chain.launches()).toEqual([]);
    expect(streams(chain.serve(flight.found(RECORD)))).toEqual([1, 2, 3]);
  });
});

describe("a question whose askers are all gone", () => {
  it("is answered for the store all the same", () => {
    const chain = new TestChain();
    chain.enter().abandon();
    const flight = chain.launch().found(RECORD);
    expect(chain.serve(flight)).toEqual([]);
    expect(chain.enter()).toMatchObject({ step: "continue", changes: PATH });
    expect(chain.launches()).toEqual([]);
  });

  it("does not wake a passage that serves another request by then", () => {
    const chain = new TestChain();
    const passage = chain.enter("/acme/x");
    const first = chain.launch();
    passage.abandon();
    chain.reenter(passage, "/other/x");
    const second = chain.launch();
    expect(chain.serve(first.found(RECORD))).toEqual([]);
    expect(chain.serve(second.found({ path: "/other" }))).toEqual([passage]);
    expect(passage.changes).toEqual([{ what: "path", value: "/other" }]);
  });

  it("lets go of a passage that begins anew without having left", () => {
    const chain = new TestChain();
    const passage = chain.enter("/acme/x");
    const first = chain.launch();
    chain.reenter(passage, "/other/x");
    chain.launch();
    expect(chain.serve(first.found(RECORD))).toEqual([]);
    expect([passage.step, passage.report, passage.changes]).toEqual(["wait", "", []]);
  });
});
