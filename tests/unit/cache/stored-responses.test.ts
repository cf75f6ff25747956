import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Field } from "../support/header-list.ts";
import {
  adopt,
  adoptIndex,
  entriesHeld,
  findFor,
  indexWritten,
  invalidate,
  isMoreRecent,
  keyOf,
  outdateFor,
  rawAt,
  removePrimary,
  settle,
  soughtKey,
  unwrite,
  useResponses,
  writeFor,
  writtenKey,
} from "../support/cache-store.ts";

const DE: Field[] = [["accept-language", "de"]];
const EN: Field[] = [["accept-language", "en"]];

beforeEach(() => {
  useResponses();
});

describe("a response without Vary", () => {
  it("lies under the primary key alone, and every request selects it", () => {
    expect(findFor("k")).toBe("uri miss");
    writeFor("k", "", DE, "one");
    expect([findFor("k"), findFor("k", EN)]).toEqual(["one", "one"]);
    expect([entriesHeld(), indexWritten(), Buffer.from(writtenKey()).toString()]).toEqual([1, null, "k"]);
    expect(Buffer.from(soughtKey()).toString()).toBe("k");
  });

  it("takes the place of the one before", () => {
    writeFor("k", "", [], "one");
    writeFor("k", "", [], "another");
    expect([findFor("k"), entriesHeld()]).toEqual(["another", 1]);
  });
});

describe("responses with Vary", () => {
  it("lie side by side behind an index, and a request selects its own", () => {
    writeFor("k", "accept-language", DE, "de");
    writeFor("k", "accept-language", EN, "en");
    expect([findFor("k", DE), findFor("k", EN), findFor("k")]).toEqual(["de", "en", "vary miss"]);
    expect(entriesHeld()).toBe(3);
    expect(indexWritten()).not.toBeNull();
  });

  it("stand beside one without Vary: of two that a request selects it gets the more recent one", () => {
    writeFor("k", "accept-language", DE, "de", { asked: 2 });
    writeFor("k", "", EN, "all", { asked: 1 });
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["de", "all"]);
    writeFor("k", "", EN, "all", { asked: 3 });
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["all", "all"]);
  });

  it("take the place of a response without Vary: what it was for is not known any more", () => {
    writeFor("k", "", [], "all");
    writeFor("k", "accept-language", DE, "de");
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["de", "vary miss"]);
  });

  it("tell where the one that is missing would come to lie, if nothing else changes", () => {
    writeFor("k", "accept-language", DE, "de");
    expect(findFor("k", EN)).toBe("vary miss");
    const sought = Buffer.from(soughtKey());
    writeFor("k", "accept-language", EN, "en");
    expect(Buffer.compare(writtenKey(), sought)).toBe(0);
    expect(keyOf("k", EN, 0)).toEqual(new Uint8Array(sought));
    expect(keyOf("k", EN, 1)).toBeNull();
    expect([keyOf("other", EN, 0), keyOf("other", EN, 1)]).toEqual([new Uint8Array(Buffer.from("other")), null]);
  });

  it("are forgotten one by one, or all at once and for good", () => {
    writeFor("k", "accept-language", DE, "de", { asked: 1 });
    writeFor("k", "accept-language", EN, "en", { asked: 1 });
    outdateFor("k", DE, { asked: 2 });
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["vary miss", "en"]);
    removePrimary("k");
    expect(findFor("k", EN)).toBe("uri miss");
    writeFor("k", "accept-language", DE, "new", { asked: 3 });
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["new", "vary miss"]);
  });

  it("are outdated under every list of names, but for those that are more recent", () => {
    writeFor("k", "a", [], "a", { date: 5, asked: 1 });
    writeFor("k", "b", [], "b", { date: 3, asked: 1 });
    writeFor("k", "", [], "all", { date: 2, asked: 1 });
    outdateFor("k", [], { date: 4, asked: 2 });
    expect(findFor("k")).toBe("a");
    outdateFor("k", [], { date: 6, asked: 2 });
    expect(findFor("k")).toBe("vary miss");
  });

  it("of a list that had to go are not found again when it comes back", () => {
    writeFor("k", "a", [], "old", { asked: 1 });
    ["b", "c", "d", "e"].forEach((list, i) => writeFor("k", list, [], list, { asked: 2 + i }));
    outdateFor("k", [], { asked: 7 });
    writeFor("k", "a", [["a", "1"]], "other", { asked: 8 });
    expect([findFor("k"), findFor("k", [["a", "1"]])]).toEqual(["vary miss", "other"]);
  });

  it("are not another URL's", () => {
    writeFor("k", "accept-language", DE, "de");
    expect(findFor("l", DE)).toBe("uri miss");
    writeFor("l", "accept-language", EN, "en");
    expect([findFor("k", DE), findFor("l", DE), findFor("l", EN)]).toEqual(["de", "vary miss", "en"]);
  });

  it("that had to make room are gone, and the others not", () => {
    useResponses(3);
    for (const language of ["de", "en", "fr"]) {
      writeFor("k", "accept-language", [["accept-language", language]], language);
    }
    expect([findFor("k", DE), findFor("k", EN), findFor("k", [["accept-language", "fr"]])]).toEqual([
      "vary miss",
      "en",
      "fr",
    ]);
  });
});

describe("a response that does not fit", () => {
  it("is not stored, and what it was to replace is not served in its place", () => {
    useResponses(10, 2000);
    expect(writeFor("k", "", [], "small")).toBe(true);
    expect(writeFor("k", "", [], "x".repeat(5000))).toBe(false);
    expect(findFor("k")).not.toMatch(/x/);
  });

  it("is undone where its body does not come", () => {
    writeFor("k", "accept-language", DE, "de");
    unwrite();
    expect(findFor("k", DE)).toBe("vary miss");
  });
});

describe("of two responses", () => {
  it.each([
    [
      "that with the later Date is the more recent one, whenever it was asked for",
      { date: 2, asked: 1 },
      { date: 1, asked: 5 },
    ],
    ["of one Date that which was asked for later", { date: 1, asked: 5 }, { date: 1, asked: 4 }],
    ["of which one has no Date, that which was asked for later", { asked: 5 }, { date: 9, asked: 4 }],
    ["without Date, that which was asked for later", { asked: 5 }, { asked: 4 }],
    ["that without Date which took the place of a later one", { after: 5, asked: 3 }, { date: 4, asked: 9 }],
    [
      "that with Date which was asked for later, if it is not older than that",
      { date: 5, asked: 4 },
      { after: 5, asked: 3 },
    ],
    ["that without Date which was asked for later", { after: 5, asked: 4 }, { date: 6, asked: 3 }],
  ])("%s", (_, one, other) => {
    expect([isMoreRecent(one, other), isMoreRecent(other, one), isMoreRecent(one, one)]).toEqual([true, false, false]);
  });
});

describe("what was invalidated", () => {
  it("is not found, were it the most recent one", () => {
    writeFor("k", "a", [], "before", { date: 9, asked: 1 });
    writeFor("k", "b", [], "after", { date: 5, asked: 3 });
    invalidate(2);
    expect(findFor("k")).toBe("after");
    invalidate(3);
    expect(findFor("k")).toBe("vary miss");
  });
});

describe("what comes from elsewhere", () => {
  /** The index and the responses, by request, of another worker. */
  function elsewhere(
    fill: () => void,
    requests: readonly (readonly Field[])[],
  ): { index: Uint8Array; all: Uint8Array[] } {
    useResponses();
    fill();
    const index = rawAt("k") ?? new Uint8Array(0);
    const all = requests.map((request) => rawAt(keyOf("k", request, 0) ?? "") ?? new Uint8Array(0));
    useResponses();
    return { index, all };
  }

  it("is taken as it is, under its key", () => {
    const { index, all } = elsewhere(() => writeFor("k", "accept-language", DE, "de"), [DE]);
    expect(adoptIndex("k", index, 1)).toBe(true);
    expect(findFor("k", DE)).toBe("vary miss");
    const key = adopt("k", all[0] ?? "");
    expect(key).toEqual(keyOf("k", DE, 0));
    expect(findFor("k", DE)).toBe("vary miss");
    settle(key, 0);
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["de", "vary miss"]);
  });

  it("leaves an index and a response without Vary that were here in their place", () => {
    const { index } = elsewhere(() => writeFor("k", "accept-language", DE, "de"), []);
    writeFor("k", "", [], "all");
    expect(adoptIndex("k", index, 1)).toBe(true);
    expect(findFor("k", EN)).toBe("all");
    const { all } = elsewhere(() => writeFor("k", "", [], "all", { asked: 5 }), [[]]);
    writeFor("k", "accept-language", DE, "de", { asked: 6 });
    settle(adopt("k", all[0] ?? ""), 0);
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["de", "all"]);
  });

  it("is forgotten where it was asked for too early", () => {
    const { index, all } = elsewhere(() => writeFor("k", "accept-language", DE, "de", { asked: 5 }), [DE]);
    adoptIndex("k", index, 1);
    settle(adopt("k", all[0] ?? ""), 5);
    expect([findFor("k", DE), entriesHeld()]).toEqual(["vary miss", 1]);
  });

  it("is not taken where its list of names does not count for it", () => {
    const { all } = elsewhere(() => writeFor("k", "accept-language", DE, "old", { asked: 1 }), [DE]);
    expect(adopt("k", all[0] ?? "")).toBeNull();
    writeFor("k", "accept-language", EN, "en", { asked: 2 });
    expect(adopt("k", all[0] ?? "")).toBeNull();
    expect(findFor("k", DE)).toBe("vary miss");
  });
});

describe("any responses to any requests", () => {
  it("are found by those requests alone that match them, the most recent one of each", () => {
    const value = fc.constantFrom("1", "2");
    const requests = fc.record({ a: fc.option(value), b: fc.option(value) });
    const names = fc.constantFrom("", "a", "b", "a,b");
    const recency = fc.record({ date: fc.integer({ min: 1, max: 9 }), asked: fc.constant(1) });
    const step = fc.tuple(fc.constantFrom("k", "l"), names, requests, recency, fc.nat(9));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        useResponses(1000);
        const model = new Map<string, Model>();
        steps.forEach(([key, list, request, when, turn], i) => {
          if (turn === 0) {
            outdateFor(key, fieldsOf(request), when);
            const { hasIndex, all } = model.get(key) ?? NOTHING;
            model.set(key, { hasIndex, all: all.filter((one) => !selects(request, one) || one.date > when.date) });
          } else {
            expect(writeFor(key, list, fieldsOf(request), `#${i}`, when)).toBe(true);
            model.set(key, written(model.get(key), { list, request, body: `#${i}`, date: when.date }));
          }
          for (const one of ["k", "l"]) {
            const found = findFor(one, fieldsOf(request)).replace(/^(uri|vary) miss$/, "");
            expect(expected(model.get(one), request)).toContain(found);
          }
        });
      }),
      { numRuns: 1000 },
    );
  });
});

type Request = Readonly<Record<"a" | "b", string | null>>;

interface Written {
  readonly list: string;
  readonly request: Request;
  readonly body: string;
  readonly date: number;
}

interface Model {
  readonly hasIndex: boolean;
  readonly all: readonly Written[];
}

const NOTHING: Model = { hasIndex: false, all: [] };

/** What is there after a write: what lies in its very place is gone, and one that stands without an index gives way to one. */
function written({ hasIndex, all }: Model = NOTHING, now: Written): Model {
  const left = hasIndex || now.list === "" ? all : [];
  const others = left.filter((one) => valuesOf(one.list, one.request) !== valuesOf(now.list, now.request));
  return { hasIndex: hasIndex || now.list !== "", all: [...others, now] };
}

/** What may be found: the most recent one of those that the request selects, or of several that are. */
function expected({ all }: Model = NOTHING, request: Request): string[] {
  const suitable = all.filter((one) => selects(request, one));
  const newest = Math.max(...suitable.map(({ date }) => date));
  return suitable.length === 0 ? [""] : suitable.filter(({ date }) => date === newest).map(({ body }) => body);
}

function selects(request: Request, { list, request: other }: Written): boolean {
  return valuesOf(list, request) === valuesOf(list, other);
}

function valuesOf(list: string, request: Request): string {
  const names = list === "" ? [] : (list.split(",") as ("a" | "b")[]);
  return `${list}:${names.map((name) => request[name] ?? "-").join(",")}`;
}

function fieldsOf(request: Request): Field[] {
  return Object.entries(request).flatMap(([name, value]): Field[] => (value === null ? [] : [[name, value]]));
}
