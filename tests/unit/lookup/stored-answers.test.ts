import { describe, expect, it } from "vitest";
import { TestChain, lookupOf } from "../support/lookup.ts";
import type { Change } from "../support/route.ts";

const SECOND = 1000;

/** Fresh for 100 s, the last 10 s with a refresh; then 20 s while it is refreshed; until 150 s after expiry on errors. */
const LOCAL = {
  ttl: "100s",
  jitter: "0%",
  negativeTtl: "5s",
  refreshAhead: "10s",
  staleWhileRevalidate: "20s",
  staleIfError: "150s",
};
const ACTIONS = { onMiss: { status: 404 }, onError: { status: 503 } };

function chainWith(local: object | false = LOCAL): TestChain {
  return new TestChain([lookupOf({ ...ACTIONS, service: undefined, local })]);
}

function path(value: string): Change[] {
  return [{ what: "path", value }];
}

/** What a request gets from what is stored, and how many questions it brings up. */
function ask(chain: TestChain): { changes: Change[]; report: string; questions: number } | "waits" {
  const passage = chain.enter();
  if (passage.step === "wait") return "waits";
  return { changes: passage.changes, report: passage.report, questions: chain.launches().length };
}

describe("a stored record", () => {
  it("serves without a question while it is fresh, and says how old it is", () => {
    const chain = chainWith();
    chain.learn({ path: "/svc" });
    for (const age of [0, 1, 999, 1000, 89_999]) {
      chain.now = 1_000_000 + age;
      const report = `lookup=route; tier=local; age=${Math.floor(age / SECOND)}`;
      expect(ask(chain)).toEqual({ changes: path("/svc"), report, questions: 0 });
    }
  });

  it("has the time that it asks for itself", () => {
    const chain = chainWith();
    chain.learn({ path: "/svc", ttl: 1 });
    chain.now += SECOND - 1;
    expect(ask(chain)).toMatchObject({ changes: path("/svc") });
    chain.now += 150 * SECOND + 1;
    expect(ask(chain)).toBe("waits");
  });

  it("is not stored with a ttl of 0, by its own word or the configuration's", () => {
    const record = chainWith();
    record.learn({ path: "/svc", ttl: 0 });
    const configured = chainWith({ ...LOCAL, ttl: "0s" });
    configured.learn({ path: "/svc" });
    expect([record.entries(), configured.entries()]).toEqual([0, 0]);
  });

  it("goes when a new answer is not to be stored", () => {
    const chain = chainWith();
    chain.learn({ path: "/svc" });
    chain.now += 125 * SECOND;
    chain.learn({ path: "/now", ttl: 0 });
    expect(chain.entries()).toBe(0);
  });

  it("may be a direct answer, which ends each request's way", () => {
    const chain = chainWith();
    chain.learn({ status: 301, location: "/new" });
    const passage = chain.enter();
    expect([passage.step, passage.changes]).toEqual([
      "answer",
      [{ what: "answer", status: 301, location: "/new", body: "" }],
    ]);
  });

  it("may change nothing, and is a record all the same", () => {
    const chain = chainWith();
    chain.learn({});
    expect(ask(chain)).toEqual({ changes: [], report: "lookup=route; tier=local; age=0", questions: 0 });
  });
});

describe("without a local tier", () => {
  it("every request asks, and all that ask at a time share the answer", () => {
    const chain = chainWith(false);
    chain.learn({ path: "/svc" });
    expect(chain.enter().step).toBe("wait");
    chain.enter();
    expect(chain.serve(chain.launch().found({ path: "/svc" })).map((passage) => passage.changes)).toEqual([
      path("/svc"),
      path("/svc"),
    ]);
    expect(ask(chain)).toBe("waits");
  });
});

describe("a stored miss", () => {
  it("serves for negativeTtl and not a moment longer", () => {
    const chain = chainWith();
    chain.learn("missing");
    chain.now += 5 * SECOND - 1;
    const passage = chain.enter();
    expect([passage.step, passage.report]).toEqual(["answer", "lookup=route; tier=local; age=4; reason=miss"]);
    expect(chain.launches()).toEqual([]);
    chain.now += 1;
    expect(ask(chain)).toBe("waits");
  });

  it("is not stored with a negativeTtl of 0", () => {
    const chain = chainWith({ ...LOCAL, negativeTtl: "0s" });
    chain.learn("missing");
    expect([chain.entries(), ask(chain)]).toEqual([0, "waits"]);
  });

  it("is no stale answer when the tiers fail", () => {
    const chain = chainWith();
    chain.learn("missing");
    chain.now += 6 * SECOND;
    const passage = chain.enter();
    chain.serve(chain.launch().failed("timeout"));
    expect([passage.step, passage.report]).toEqual(["answer", "lookup=route; tier=none; reason=timeout: why"]);
    expect(passage.changes).toEqual([{ what: "answer", status: 503, location: "", body: "" }]);
  });

  it("takes the place of a record, and a record that of a miss", () => {
    const chain = chainWith();
    chain.learn({ path: "/svc" });
    chain.now += 130 * SECOND;
    chain.learn("missing");
    expect(ask(chain)).toMatchObject({ report: "lookup=route; tier=local; age=0; reason=miss" });
    chain.now += 6 * SECOND;
    chain.learn({ path: "/again" });
    expect(ask(chain)).toMatchObject({ changes: path("/again") });
  });
});

describe.each([
  ["soon expires", 90 * SECOND],
  ["has just expired", 100 * SECOND],
  ["expired a while ago", 120 * SECOND - 1],
])("a record that %s", (_, age) => {
  function chainAtThatAge(): TestChain {
    const chain = chainWith();
    chain.learn({ path: "/svc" });
    chain.now += age;
    return chain;
  }

  it("serves everyone while one question is out to refresh it", () => {
    const chain = chainAtThatAge();
    expect(ask(chain)).toMatchObject({ changes: path("/svc"), questions: 1 });
    expect(ask(chain)).toMatchObject({ changes: path("/svc"), questions: 0 });
    expect(chain.flightCount()).toBe(1);
  });

  it("gives way to the answer", () => {
    const chain = chainAtThatAge();
    chain.enter();
    expect(chain.serve(chain.launch().found({ path: "/new" }))).toEqual([]);
    expect(ask(chain)).toEqual({ changes: path("/new"), report: "lookup=route; tier=local; age=0", questions: 0 });
  });

  it("stays when its refresh fails, which is tried again a second later and no sooner", () => {
    const chain = chainAtThatAge();
    chain.enter();
    chain.launch().failed("unavailable");
    chain.now += SECOND - 1;
    expect(ask(chain)).toMatchObject({ changes: path("/svc"), questions: 0 });
    chain.now += 1;
    chain.enter();
    expect(chain.launches()).toHaveLength(1);
  });
});

describe("a record that may only be served on errors", () => {
  function chainAtThatAge(age = 120 * SECOND): TestChain {
    const chain = chainWith();
    chain.learn({ path: "/svc" });
    chain.now += age;
    return chain;
  }

  it.each([120 * SECOND, 250 * SECOND - 1])("lets requests wait at the age of %i ms", (age) => {
    expect(ask(chainAtThatAge(age))).toBe("waits");
  });

  it("serves those who waited when the tiers fail, and says why", () => {
    const chain = chainAtThatAge();
    chain.enter();
    chain.enter();
    const served = chain.serve(chain.launch().failed("unavailable", "reset"));
    expect(served.map(({ step, changes, report }) => ({ step, changes, report }))).toEqual(
      Array.from({ length: 2 }, () => ({
        step: "continue",
        changes: path("/svc"),
        report: "lookup=route; tier=local; age=120; reason=unavailable: reset",
      })),
    );
  });

  it("is not served where the tiers say that there is no record", () => {
    const chain = chainAtThatAge();
    const passage = chain.enter();
    chain.serve(chain.launch().missing());
    expect([passage.step, passage.report]).toEqual(["answer", "lookup=route; tier=webdis; age=0; reason=miss"]);
  });

  it("serves at once for a second after a failure, then the tiers are asked again", () => {
    const chain = chainAtThatAge();
    chain.enter();
    chain.serve(chain.launch().failed("timeout"));
    chain.now += SECOND - 1;
    expect(ask(chain)).toEqual({ changes: path("/svc"), report: "lookup=route; tier=local; age=120", questions: 0 });
    chain.now += 1;
    expect(ask(chain)).toBe("waits");
    expect(chain.launches()).toHaveLength(1);
  });

  it("is of no use any more when its time is over, be it while somebody waits", () => {
    const chain = chainAtThatAge(250 * SECOND - 1);
    const passage = chain.enter();
    chain.now += 1;
    chain.serve(chain.launch().failed("timeout"));
    expect([passage.step, passage.report]).toEqual(["answer", "lookup=route; tier=none; reason=timeout: why"]);
  });

  it("is not served in the second after a failure when its time is over", () => {
    const chain = chainAtThatAge(250 * SECOND - 500);
    chain.enter();
    chain.serve(chain.launch().failed("timeout"));
    chain.now += 500;
    expect(ask(chain)).toBe("waits");
  });
});

describe("an error without a stored record", () => {
  it("is not stored: the next request asks again", () => {
    const chain = chainWith();
    chain.enter();
    chain.serve(chain.launch().failed("timeout"));
    expect([chain.entries(), ask(chain)]).toEqual([0, "waits"]);
  });
});
