import fc from "fast-check";

const SPACE = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

/** A character of a string as JSON may write it: itself, or its escape. */
const CHARACTER = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }).map(plain) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).map(plain) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).map(escapedUnits) },
  { weight: 1, arbitrary: fc.constantFrom("\\n", "\\t", "\\r", "\\b", "\\f", "\\/", "\\\\", '\\"') },
);

const STRING = fc.array(CHARACTER, { maxLength: 8 }).map((characters) => `"${characters.join("")}"`);

const NUMBER = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/),
);

const SCALAR = fc.oneof(STRING, NUMBER, fc.constantFrom("null", "true", "false"));

/** Keys that meet again, so that some objects have two of a name, once written with an escape. */
const KEY = fc.oneof(STRING, fc.constantFrom('"a"', '"\\u0061"', '"b"', '""', '"__proto__"', '"0"', '"a/b~c"'));

/** JSON texts as people and programs write them: any spacing, any notation, any escapes, the same name twice. */
export const JSON_TEXT: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc
    .tuple(
      SPACE,
      fc.oneof({ depthSize: "small", withCrossShrink: true }, SCALAR, array(tie("value")), object(tie("value"))),
      SPACE,
    )
    .map((parts) => parts.join("")),
})).value;

/** Bytes that decide something in JSON or in UTF-8. */
const PIECE = fc.oneof(
  fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "0", "-", "+", ".", "e", " ", "\n", "/", "u").map(toBytes),
  fc.constantFrom("\\u", "\\ud83d", "\\ude00", "null", "1e5", "01", "\uFEFF", "é", "😀").map(toBytes),
  fc.integer({ min: 0, max: 255 }).map((byte) => Buffer.from([byte])),
);

/** A text damaged in up to three places: pieces put in, taken out, or put in the place of others. */
export const DAMAGED_JSON: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    JSON_TEXT,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.option(PIECE, { nil: Buffer.alloc(0) })), { maxLength: 3 }),
  )
  .map(([text, damages]) =>
    damages.reduce((bytes: Buffer, [position, removed, piece]) => {
      const at = position % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + removed)]);
    }, toBytes(text)),
  );

function array(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(SPACE, fc.array(value, { maxLength: 5 })).map(([space, items]) => `[${items.join(",") || space}]`);
}

function object(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc
    .tuple(SPACE, KEY, SPACE, value)
    .map(([before, key, behind, item]) => `${before}${key}${behind}:${item}`);
  return fc.tuple(SPACE, fc.array(member, { maxLength: 5 })).map(([space, items]) => `{${items.join(",") || space}}`);
}

/** The character itself where a string may hold it, else its escape. */
function plain(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}

function escapedUnits(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    const hex = character.charCodeAt(i).toString(16).padStart(4, "0");
    return `\\u${i % 2 === 0 ? hex : hex.toUpperCase()}`;
  }).join("");
}

function toBytes(text: string): Buffer {
  return Buffer.from(text);
}
