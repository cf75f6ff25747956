import { describe, expect, it } from "vitest";
import { FAILURES, TestChain, lookupOf, type Failure } from "../support/lookup.ts";

const RECORD = { path: "/svc" };
const CLASSES = FAILURES.filter((failure) => failure !== "none");
const ANSWERS = { onMiss: { status: 404, body: "miss" }, onError: { status: 503, body: "error" } };

/** What the flight's only waiter gets. */
function outcomeOf(chain: TestChain, flight: Parameters<TestChain["serve"]>[0]): object {
  const [passage] = chain.serve(flight);
  return { step: passage?.step, changes: passage?.changes, report: passage?.report };
}

function miss(report: string): object {
  return { step: "answer", changes: [{ what: "answer", status: 404, location: "", body: "miss" }], report };
}

function error(report: string): object {
  return { step: "answer", changes: [{ what: "answer", status: 503, location: "", body: "error" }], report };
}

function record(tier: string): object {
  return { step: "continue", changes: [{ what: "path", value: "/svc" }], report: `lookup=route; tier=${tier}; age=0` };
}

describe("Redis, then the service", () => {
  it("asks only Redis where it has a record", () => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch();
    expect(flight.tier).toBe("webdis");
    expect([flight.found(RECORD).landing, chain.launches()]).toEqual(["record", []]);
    expect(outcomeOf(chain, flight)).toEqual(record("webdis"));
  });

  it("asks the service where Redis has none", () => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().missing();
    expect(flight.landing).toBe("out");
    expect(chain.launch()).toMatchObject({ handle: flight.handle, tier: "service" });
    expect(outcomeOf(chain, flight.found(RECORD))).toEqual(record("service"));
  });

  it.each(CLASSES)("asks the service where Redis fails: %s", (failure) => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().failed(failure);
    expect(chain.launch().tier).toBe("service");
    expect(outcomeOf(chain, flight.found(RECORD))).toEqual(record("service"));
  });

  it.each(["", "garbage", "[]", '{"path":5}', '{"ttl":-1}', '{"headers":{"te":"x"}}'])(
    "asks the service where Redis has the bad record %j",
    (bad) => {
      const chain = new TestChain([lookupOf(ANSWERS)]);
      chain.enter();
      const flight = chain.launch().found(bad);
      expect(chain.launch().tier).toBe("service");
      expect(outcomeOf(chain, flight.found(RECORD))).toEqual(record("service"));
    },
  );

  it("believes Redis that there is no record, where a record says it", () => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().found({ status: 404 });
    expect(chain.launches()).toEqual([]);
    expect(outcomeOf(chain, flight)).toEqual(miss("lookup=route; tier=webdis; age=0; reason=miss"));
  });

  it("is a miss where the service has no record either, even after Redis failed", () => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().failed("unavailable");
    chain.launch();
    expect(outcomeOf(chain, flight.missing())).toEqual(miss("lookup=route; tier=service; age=0; reason=miss"));
  });

  it.each(CLASSES)("fails with the class of the service, the last tier asked: %s", (failure) => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().failed(failure === "timeout" ? "overload" : "timeout", "first");
    chain.launch();
    const report = `lookup=route; tier=none; reason=${failure}: last`;
    expect(outcomeOf(chain, flight.failed(failure, "last"))).toEqual(error(report));
  });

  it("fails with the problem of the service's record", () => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().missing();
    chain.launch();
    const report = "lookup=route; tier=none; reason=invalid: path: not a string";
    expect(outcomeOf(chain, flight.found({ path: 5 }))).toEqual(error(report));
  });
});

describe("one tier alone", () => {
  it.each([
    ["webdis", lookupOf({ ...ANSWERS, service: undefined })],
    ["service", lookupOf({ ...ANSWERS, webdis: false })],
  ])("%s has the only word", (tier, lookup) => {
    const ask = (answer: "found" | "missing" | Failure): object => {
      const chain = new TestChain([lookup]);
      chain.enter();
      const flight = chain.launch();
      expect(flight.tier).toBe(tier);
      if (answer === "found") flight.found(RECORD);
      else if (answer === "missing") flight.missing();
      else flight.failed(answer);
      expect([flight.landing === "out", chain.launches()]).toEqual([false, []]);
      return outcomeOf(chain, flight);
    };
    expect(ask("found")).toEqual(record(tier));
    expect(ask("missing")).toEqual(miss(`lookup=route; tier=${tier}; age=0; reason=miss`));
    for (const failure of CLASSES) {
      expect(ask(failure)).toEqual(error(`lookup=route; tier=none; reason=${failure}: why`));
    }
  });
});

describe("a tier's reply", () => {
  it("of Webdis with a record is the answer", () => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().replied(
      200,
      String.raw`({"GET":"{\"path\":\"/svc\"}"});
`,
    );
    expect(outcomeOf(chain, flight)).toEqual(record("webdis"));
  });

  it("of the service with a record is the answer", () => {
    const chain = new TestChain([lookupOf(ANSWERS)]);
    chain.enter();
    const flight = chain.launch().replied(200, '({"GET":null});\n');
    expect(chain.launch().tier).toBe("service");
    expect(outcomeOf(chain, flight.replied(200, '{"path":"/svc"}'))).toEqual(record("service"));
  });

  it.each([
    ["nothing", null],
    ["an empty text", ""],
  ])("of the service with status 200 and %s is no record and no miss, but makes no sense", (_, body) => {
    const chain = new TestChain([lookupOf({ ...ANSWERS, webdis: false })]);
    chain.enter();
    const flight = chain.launch().replied(200, body);
    expect(flight.landing).toBe("failed");
    expect(chain.entries()).toBe(0);
  });
});
