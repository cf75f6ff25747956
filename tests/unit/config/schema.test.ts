import { describe, expect, it } from "vitest";
import { jsonOf } from "../../fixtures/config/fixture.ts";
import { INVALID } from "../../fixtures/config/invalid.ts";
import { combinations, mutations } from "../../fixtures/config/mutations.ts";
import { ALL_TEXTS, TEXTS } from "../../fixtures/config/texts.ts";
import { VALID } from "../../fixtures/config/valid.ts";
import { DESIGN_EXAMPLE, WHOLE } from "../../fixtures/config/whole.ts";
import { HOSTILE_CONFIGS } from "../../fixtures/hostile/config.ts";
import { EXCEPTIONS } from "../support/config-schema-exceptions.ts";
import { compare, disagreementOf, exceptionsUsed, type Comparison } from "../support/config-schema.ts";

function compareAll(configs: readonly { name: string; config: unknown }[]): Comparison[] {
  return configs.map(({ name, config }) => compare(name, JSON.stringify(config)));
}

const FIXTURES = [...VALID, ...INVALID].map((fixture) => compare(fixture.name, jsonOf(fixture)));
const HOSTILE = HOSTILE_CONFIGS.map(({ name, bytes }) => compare(name, bytes));
const MUTATED = compareAll(mutations());
const COMBINED = compareAll(combinations());
const OF_TEXTS = compareAll(
  Object.entries(TEXTS).flatMap(([kind, { texts, config }]) =>
    [...new Set([...texts, ...ALL_TEXTS])].map((text) => ({
      name: `${kind} ${JSON.stringify(text).slice(0, 60)}`,
      config: config(text),
    })),
  ),
);

const CORPORA: [name: string, corpus: Comparison[]][] = [
  ["the fixtures", FIXTURES],
  ["hostile configurations", HOSTILE],
  ["a whole configuration with one change at any place", MUTATED],
  ["fields that depend on each other", COMBINED],
  ["texts of every kind in fields of every kind", OF_TEXTS],
];

const ALL = CORPORA.flatMap(([, corpus]) => corpus);

describe("the schema and the filter give the same answers about", () => {
  it.each(CORPORA)("%s", (_, corpus) => {
    expect(corpus.map(disagreementOf).filter((disagreement) => disagreement !== "")).toEqual([]);
  });

  it.each(CORPORA)("%s, of which they accept some and refuse some", (_, corpus) => {
    expect(corpus.some(({ isValid }) => isValid === true)).toBe(true);
    expect(corpus.some(({ isValid }) => isValid === false)).toBe(true);
  });
});

describe("every rule that the schema leaves to the filter", () => {
  const used = new Set(ALL.flatMap(exceptionsUsed));

  it.each(EXCEPTIONS)("is still needed: $rule", (exception) => {
    expect(used).toContain(exception);
  });

  it("is about the grammar, and what is not supported yet is not: there still is such", () => {
    // When this fails, NOT_YET has done its work.
    expect(ALL.some(({ notYet }) => notYet.length > 0)).toBe(true);
  });
});

describe("the schema accepts", () => {
  it.each([
    ["the design's example", DESIGN_EXAMPLE],
    ["a configuration with every field of the grammar", WHOLE],
  ])("%s", (name, config) => {
    expect(compare(name, JSON.stringify(config))).toMatchObject({ invalid: "", isValid: true, errors: [] });
  });
});
