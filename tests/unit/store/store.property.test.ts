import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StoreModel } from "../support/store-model.ts";
import { StoreModule, costOfEntry, costOfTable, type TestStore } from "../support/store.ts";

const RUNS = 1000;
const MOST_ENTRIES = 14;
const MOST_BYTES = 1200;

const module = new StoreModule();
const entryCost = costOfEntry(module);
const tableCosts = new Map<string, number>();

function tableCostOf(maxEntries: number, maxBytes: number): number {
  const bounds = `${maxEntries} ${maxBytes}`;
  const cost = tableCosts.get(bounds) ?? costOfTable(module, maxEntries, maxBytes);
  tableCosts.set(bounds, cost);
  return cost;
}

type Command = fc.Command<StoreModel, TestStore>;

const KEYS = ["", ...Array.from("abcdefghijklmnopqrst"), "a".repeat(40)];
const KEY = fc.constantFrom(...KEYS);
const VALUE = fc.nat({ max: 260 }).chain((length) => fc.constantFrom("x".repeat(length), "y".repeat(length)));
const ENTRIES = fc.integer({ min: 1, max: MOST_ENTRIES });
const BYTES = fc.oneof(fc.nat({ max: MOST_BYTES }), fc.constant(MOST_BYTES));
/** New bounds that a table fits into; those that none does have a test of their own. */
const NEW_BYTES = fc.integer({ min: costOfTable(module, 1, MOST_BYTES), max: MOST_BYTES });

/** Does one thing to both, compares what they say to it, and checks what always holds. */
function command(name: string, act: (store: TestStore | StoreModel) => unknown): Command {
  return {
    check: () => true,
    run: (model, store) => {
      expect(act(store)).toEqual(act(model));
      expect({ entries: store.entries, bytes: store.bytes }).toEqual({ entries: model.entries, bytes: model.bytes });
    },
    toString: () => name,
  };
}

/** Looks for every key, those that are held in the order in which that leaves the order of use as it is. */
function content(store: TestStore | StoreModel, keys: string[]): (string | null)[] {
  return [...KEYS.filter((key) => !keys.includes(key)), ...keys].map((key) => store.find(key));
}

const COMMANDS = [
  fc
    .tuple(KEY, VALUE)
    .map(([key, value]) =>
      command(`put ${JSON.stringify(key)} with ${value.length} bytes`, (store) => store.put(key, value)),
    ),
  KEY.map((key) => command(`find ${JSON.stringify(key)}`, (store) => store.find(key))),
  KEY.map((key) => command(`remove ${JSON.stringify(key)}`, (store) => store.remove(key))),
  fc.tuple(ENTRIES, NEW_BYTES).map(([entries, bytes]) =>
    command(`resize to ${entries} entries and ${bytes} bytes`, (store) => {
      store.resize(entries, bytes);
    }),
  ),
  fc.constant(
    command("clear", (store) => {
      store.clear();
    }),
  ),
];

/** Whatever is done to a store, in any order, it says what the model says. */
function behavesAsTheModel(commands: fc.Arbitrary<Iterable<Command>>): void {
  fc.assert(
    fc.property(ENTRIES, BYTES, commands, (maxEntries, maxBytes, run) => {
      const real = module.newStore(maxEntries, maxBytes);
      const model = new StoreModel(maxEntries, maxBytes, entryCost, tableCostOf);
      fc.modelRun(() => ({ model, real }), run);
      const keys = model.keys;
      expect(content(real, keys)).toEqual(content(model, keys));
      real.clear();
    }),
    { numRuns: RUNS },
  );
}

describe("a store", () => {
  it("behaves as the model does, whatever is done to it", () => {
    behavesAsTheModel(fc.commands(COMMANDS, { maxCommands: 60 }));
  });

  it("behaves as the model does under many more writes than it holds", () => {
    behavesAsTheModel(fc.commands(COMMANDS.slice(0, 2), { maxCommands: 120 }));
  });

  it("never passes its bounds", () => {
    const puts = fc.array(fc.tuple(KEY, VALUE), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(ENTRIES, BYTES, puts, (maxEntries, maxBytes, writes) => {
        const store = module.newStore(maxEntries, maxBytes);
        for (const [key, value] of writes) {
          store.put(key, value);
          expect(store.entries).toBeLessThanOrEqual(maxEntries);
          expect(store.bytes).toBeLessThanOrEqual(maxBytes);
        }
        store.clear();
      }),
      { numRuns: RUNS / 4 },
    );
  });
});
