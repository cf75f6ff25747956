import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TEXTS } from "../../fixtures/config/texts.ts";
import { compare, disagreementOf, schema, validatorOf, type Schema } from "../support/config-schema.ts";

const SEED = 2020_12;

function oneOfTexts(texts: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...texts.filter((text) => text.length < 100));
}

/** Texts that are nearly those of a kind: the beginning of one and the end of another, with something in between. */
function nearlyTexts(texts: readonly string[]): fc.Arbitrary<string> {
  const position = fc.double({ min: 0, max: 1, noNaN: true });
  const between = fc.oneof(
    fc.constant(""),
    fc.constantFrom(...Array.from("{}[]|:/.%?;*~-0159ahmsuKB \t\n\0é😀")),
    oneOfTexts(texts),
  );
  return fc
    .tuple(oneOfTexts(texts), position, between, oneOfTexts(texts), position)
    .map(([one, end, middle, other, start]) => {
      const tail = Math.ceil(start * other.length);
      return one.slice(0, Math.ceil(end * one.length)) + middle + other.slice(tail);
    });
}

/** What is wrong nearly everywhere, now and then. */
const WRONG = fc.constantFrom<unknown>(null, true, "", "x", 0, -1, 1.5, [], {}, [1], { x: 1 });

function mostly(right: fc.Arbitrary<unknown>, wrong: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 99, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

function textOf(kind: string, texts: readonly string[]): fc.Arbitrary<unknown> {
  const isValid = validatorOf({ $ref: `#/$defs/${kind}` });
  return mostly(oneOfTexts(texts.filter(isValid)), nearlyTexts(texts));
}

function objectOf(node: Schema): fc.Arbitrary<unknown> {
  const names = node["propertyNames"] as Schema | undefined;
  if (names) {
    const values = valueOf(node["additionalProperties"] as Schema);
    return fc.dictionary(valueOf(names).map(String), values, { maxKeys: 3 });
  }
  const properties = Object.entries(node.properties ?? {}).map(([name, field]) => [name, valueOf(field)] as const);
  const required = mostly(fc.constant(node["required"] ?? []), fc.constant([]));
  const given = fc.record(Object.fromEntries(properties));
  const chosen = fc.subarray(properties.map(([name]) => name));
  return fc.tuple(given, required, chosen).map(([all, always, also]) => {
    const kept = new Set([...(always as string[]), ...also]);
    return Object.fromEntries(Object.entries(all).filter(([name]) => kept.has(name)));
  });
}

function integerOf(node: Schema): fc.Arbitrary<number> {
  const { minimum, maximum } = node as unknown as { minimum: number; maximum: number };
  const beyond = fc.constantFrom(minimum - 1, maximum + 1, minimum + 0.5);
  const inside = fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: minimum, max: maximum }));
  return fc.oneof({ weight: 99, arbitrary: inside }, { weight: 1, arbitrary: beyond });
}

/** Values as a part of the schema has them: most of them right by themselves. */
function valueOf(node: Schema): fc.Arbitrary<unknown> {
  return mostly(rightValueOf(node), WRONG);
}

function rightValueOf(node: Schema): fc.Arbitrary<unknown> {
  if (node.$ref !== undefined) {
    const name = node.$ref.replace("#/$defs/", "");
    const kind = TEXTS[name];
    return kind ? textOf(name, kind.texts) : rightValueOf(schema.$defs[name] ?? {});
  }
  if (node.anyOf) return fc.oneof(...node.anyOf.map(rightValueOf));
  if ("const" in node) return fc.constant(node["const"]);
  switch (node["type"]) {
    case "object":
      return objectOf(node);
    case "array":
      return fc.array(valueOf(node.items ?? {}), {
        minLength: (node["minItems"] as number | undefined) ?? 0,
        maxLength: 3,
      });
    case "integer":
      return integerOf(node);
    case "boolean":
      return fc.boolean();
    case "string":
      return fc.string({ maxLength: 20 });
    default:
      throw new Error(`no values for ${JSON.stringify(node)}`);
  }
}

function disagreement(config: unknown): string {
  const json = JSON.stringify(config);
  return disagreementOf(compare(json, json));
}

describe("the schema and the filter give the same answers", () => {
  it("about random configurations of the schema's own making", () => {
    const answers = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(rightValueOf(schema), (config) => {
        const json = JSON.stringify(config);
        const comparison = compare(json, json);
        answers[comparison.isValid === true ? "valid" : "invalid"]++;
        expect(disagreementOf(comparison)).toBe("");
      }),
      { seed: SEED, numRuns: 5000 },
    );
    expect(answers.valid).toBeGreaterThan(500);
    expect(answers.invalid).toBeGreaterThan(500);
  });

  it.each(Object.entries(TEXTS))("about random texts that are nearly right: %s", (_, { texts, config }) => {
    fc.assert(
      fc.property(nearlyTexts(texts), (text) => {
        expect(disagreement(config(text))).toBe("");
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
