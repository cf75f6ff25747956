import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Field } from "../support/header-list.ts";
import {
  adopt,
  entriesHeld,
  findFor,
  forgetFor,
  foundReceivedAt,
  indexWritten,
  rawAt,
  removePrimary,
  soughtKey,
  unwrite,
  useResponses,
  variantKeyOf,
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
    writeFor("k", "", DE, "one", 5);
    expect([findFor("k"), findFor("k", EN), foundReceivedAt()]).toEqual(["one", "one", 5]);
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

  it("leave a response without Vary behind them, which is there for all others", () => {
    writeFor("k", "accept-language", DE, "de");
    writeFor("k", "", EN, "all");
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["de", "all"]);
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
    expect(variantKeyOf("k", EN, 0)).toEqual(new Uint8Array(sought));
    expect(variantKeyOf("k", EN, 1)).toBeNull();
    expect(variantKeyOf("other", EN, 0)).toBeNull();
  });

  it("are forgotten one by one, or all at once and for good", () => {
    writeFor("k", "accept-language", DE, "de");
    writeFor("k", "accept-language", EN, "en");
    forgetFor("k", DE);
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["vary miss", "en"]);
    removePrimary("k");
    expect(findFor("k", EN)).toBe("uri miss");
    writeFor("k", "accept-language", DE, "new");
    expect([findFor("k", DE), findFor("k", EN)]).toEqual(["new", "vary miss"]);
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

describe("what comes from elsewhere", () => {
  it("is taken as it is, under its key", () => {
    writeFor("k", "accept-language", DE, "de", 7);
    const index = rawAt("k") ?? new Uint8Array(0);
    const key = Buffer.from(writtenKey());
    const variant = rawAt(key) ?? new Uint8Array(0);
    useResponses();
    expect(adopt("k", index)).toBe(true);
    expect(findFor("k", DE)).toBe("vary miss");
    expect(adopt(key, variant)).toBe(true);
    expect([findFor("k", DE), findFor("k", EN), foundReceivedAt()]).toEqual(["de", "vary miss", -1]);
  });
});

describe("any responses to any requests", () => {
  it("are found by those requests alone that match them, the one with the most recent list of names first", () => {
    const value = fc.constantFrom("1", "2");
    const requests = fc.record({ a: fc.option(value), b: fc.option(value) });
    const names = fc.constantFrom("", "a", "b", "a,b");
    const step = fc.tuple(fc.constantFrom("k", "l"), names, requests, fc.nat(9));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        useResponses(1000);
        const model = new Map<string, Model>();
        steps.forEach(([key, list, request, turn], i) => {
          if (turn === 0) {
            removePrimary(key);
            model.delete(key);
          } else {
            expect(writeFor(key, list, fieldsOf(request), `#${i}`)).toBe(true);
            model.set(key, written(model.get(key), list, request, `#${i}`));
          }
          for (const one of ["k", "l"]) expect(findFor(one, fieldsOf(request))).toBe(expected(model.get(one), request));
        });
      }),
      { numRuns: 1000 },
    );
  });
});

type Request = Readonly<Record<"a" | "b", string | null>>;

/** The lists of names of a URL, the most recent first, and the responses by list and values. */
interface Model {
  readonly lists: readonly string[];
  readonly responses: ReadonlyMap<string, string>;
}

function written(before: Model | undefined, list: string, request: Request, body: string): Model {
  const hadIndex = before !== undefined && !(before.lists.length === 1 && before.lists[0] === "");
  // A response without `Vary` under the primary key gives way to the index.
  const kept = hadIndex || list === "" ? before : undefined;
  const others = (kept?.lists ?? []).filter((one) => one !== list && one !== "");
  const hasAll = list === "" || kept?.lists.includes("") === true;
  const lists = [...(list === "" ? [] : [list]), ...others, ...(hasAll ? [""] : [])];
  return { lists, responses: new Map(kept?.responses).set(valuesOf(list, request), body) };
}

function expected(model: Model | undefined, request: Request): string {
  if (model === undefined) return "uri miss";
  for (const list of model.lists) {
    const body = model.responses.get(valuesOf(list, request));
    if (body !== undefined) return body;
  }
  return "vary miss";
}

function valuesOf(list: string, request: Request): string {
  const names = list === "" ? [] : (list.split(",") as ("a" | "b")[]);
  return `${list}:${names.map((name) => request[name] ?? "-").join(",")}`;
}

function fieldsOf(request: Request): Field[] {
  return Object.entries(request).flatMap(([name, value]): Field[] => (value === null ? [] : [[name, value]]));
}
