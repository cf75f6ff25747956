import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withLookup } from "../../fixtures/config/fixture.ts";
import { TestRequest } from "../lookup/client-request-fixture.ts";

const request = new TestRequest();

/** What a client sends: the parts of its request that keys are made of. */
interface Sent {
  host: Uint8Array;
  path: Uint8Array;
  header: Uint8Array;
  cookie: Uint8Array;
}

/** Values as templates write them, and how to ask a request for the same. */
const VALUES: [template: string, property: string, name: string, index: number][] = [
  ["{host}", "host", "", 0],
  ["{path}", "path", "", 0],
  ["{path[0]}", "segment", "", 0],
  ["{path[1]}", "segment", "", 1],
  ["{query}", "query", "", 0],
  ["{query[q]}", "parameter", "q", 0],
  ["{header[x-a]}", "header", "x-a", 0],
  ["{cookie[c]}", "cookie", "c", 0],
];

const UNRESERVED = "abcXYZ019-._~";
const SPECIAL = ":/|@!$&'()*+,;= #\"<>[]^`\\é";

/** Bytes that are rich in what could break out of a key: separators, escapes, controls, what is not UTF-8. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from("%/:?&=;,.{}|*\\\"' \r\n\t\0aZ09-_~")).map((c) => Buffer.from(c)),
      fc.constantFrom("%3A", "%2F", "%3a", "%252F", "..", "é", "key:", "c=", "q=", "x-a").map((s) => Buffer.from(s)),
      fc.integer({ min: 0, max: 255 }).map((byte) => Buffer.from([byte])),
    ),
    { maxLength: 10 },
  )
  .map((chunks) => new Uint8Array(Buffer.concat(chunks)));

function sentFrom(value: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Sent> {
  return fc
    .record({ host: value, path: value, header: value, cookie: value })
    .map(({ host, path, header, cookie }) => ({
      host,
      path: Buffer.concat([Buffer.from("/"), path]),
      header,
      cookie: Buffer.concat([Buffer.from("c="), cookie]),
    }));
}

const sent = sentFrom(hostile);

/** Two clients that share values, in the same or in other places: as near to each other as clients get. */
const twoSent = fc
  .array(hostile, { minLength: 2, maxLength: 3 })
  .map((values) => sentFrom(fc.constantFrom(...values)))
  .chain((alike) => fc.tuple(alike, alike));

const text = (characters: string, minLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...Array.from(characters)), { minLength, maxLength: 4 }).map((all) => all.join(""));

const separator = fc
  .tuple(text(UNRESERVED + "%", 0), text(SPECIAL, 1), text(UNRESERVED + "%", 0))
  .map((all) => all.join(""));

interface Key {
  literals: string[];
  values: typeof VALUES;
}

const key: fc.Arbitrary<Key> = fc
  .array(fc.tuple(fc.constantFrom(...VALUES), separator), { minLength: 1, maxLength: 4 })
  .chain((pairs) =>
    fc.record({
      literals: fc.constant(["k", ...pairs.map(([, literal]) => literal)]),
      values: fc.constant(pairs.map(([value]) => value)),
    }),
  );

function templateOf({ literals, values }: Key): string {
  return (literals[0] ?? "") + values.map(([value], i) => value + (literals[i + 1] ?? "")).join("");
}

/** The key and the values it is made of, as latin1 so that every byte counts; null where a value is missing. */
function build({ values }: Key, client: Sent): { key: string; values: string[] } | null {
  request.begin().with(":authority", client.host).with(":path", client.path);
  request.with("x-a", client.header).with("cookie", client.cookie);
  request.matches();
  const built = request.key();
  const resolved = values.map(([, property, name, index]) => request.propertyBytes(property, name, index));
  if (built === null) {
    expect(resolved).toContain(null);
    return null;
  }
  return { key: latin1(built), values: resolved.map((value) => latin1(value ?? new Uint8Array())) };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function literalOf(character: string): string {
  return character.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

describe("a key that the configuration accepts", () => {
  it("is different for every different choice of values", () => {
    fc.assert(
      fc.property(key, twoSent, (template, [one, other]) => {
        request.configure(withLookup({ key: templateOf(template) }));
        const first = build(template, one);
        const second = build(template, other);
        fc.pre(first !== null && second !== null);
        expect(first.key === second.key).toBe(JSON.stringify(first.values) === JSON.stringify(second.values));
      }),
      { numRuns: 1000 },
    );
  });

  it("has each value in its place, from which it can be read back", () => {
    fc.assert(
      fc.property(key, sent, (template, client) => {
        request.configure(withLookup({ key: templateOf(template) }));
        const built = build(template, client);
        fc.pre(built !== null);
        const literals = template.literals.map((literal) => literalOf(latin1(Buffer.from(literal))));
        const places = new RegExp(`^${literals.join("([A-Za-z0-9._~%-]*)")}$`).exec(built.key);
        expect(places).not.toBeNull();
        const read = (places ?? [])
          .slice(1)
          .map((place) => place.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))));
        expect(read).toEqual(built.values);
      }),
      { numRuns: 1000 },
    );
  });

  it("never begins with a reserved word, whatever values are chosen", () => {
    const pieces = fc.array(
      fc.constantFrom("{header[x-a]}", "c", "ca", "ache", "cache", ":", "i", "invalidations", "/"),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const value = fc.constantFrom(
      "",
      "c",
      "ache",
      "cache",
      "cache:",
      "ac",
      "nvalidations",
      "invalidations",
      "nvalid",
      "e",
    );
    fc.assert(
      fc.property(pieces, value, (parts, header) => {
        fc.pre(request.errorsOf(withLookup({ key: parts.join("") })) === "");
        request.begin().with("x-a", header);
        request.matches();
        expect(latin1(request.key() ?? new Uint8Array())).not.toMatch(/^(cache:|invalidations)/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a key is refused", () => {
  it("exactly when two of its values have nothing between them that no value can have", () => {
    const between = fc.oneof(separator, text(UNRESERVED + "%", 0));
    fc.assert(
      fc.property(fc.array(between, { minLength: 1, maxLength: 4 }), (literals) => {
        const errors = request.errorsOf(withLookup({ key: `k:{host}${literals.map((l) => `${l}{path}`).join("")}` }));
        const isUnsafe = literals.some((literal) => /^[A-Za-z0-9._~%-]*$/.test(literal));
        expect(errors !== "").toBe(isUnsafe);
      }),
      { numRuns: 1000 },
    );
  });
});
