import fc from "fast-check";

const PATHS = [
  "/",
  "/a/b",
  "/a?b=c",
  "/a/../b",
  "/%2e%2e/b",
  "/a/..;x/b",
  "/a\\..\\b",
  "/ä",
  "a",
  "",
  "//",
  "/a#b",
  "/%zz",
];
const HOSTS = ["a.example", "A.Example:8080", "[::1]:80", "a b", "", ":80", "a:0", "a:65536", "u@a", "a/b", "[::1"];
const NAMES = ["x-a", "X-A", "x-cell", "Host", ":path", "te", "", "a b", "x\u0000", "x-ä", "Content-Length", "upgrade"];
const VALUES = ["", "7", "a b", " a", "a\t", "a\r\nx: y", "Büro", "\u0000", "a\tb", "\u007f", "😀"];

const SCALAR: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
);

/** Mostly of the kind the field wants, and sometimes anything. */
function mostly(wanted: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 20, arbitrary: wanted }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
}

const PATH = fc.oneof(
  fc.constantFrom(...PATHS),
  fc.stringMatching(/^\/([a-z.%2eEfF5cC;\\?/]{0,12})$/),
  fc.webPath().map((path) => `/${path}`),
);
const NAME = fc.oneof(fc.constantFrom(...NAMES), fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,8}$/), fc.string());
const VALUE = fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: "binary", maxLength: 8 }), SCALAR);

/** Values that a route record may have, and values that it may not. */
export const RECORD: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    path: mostly(PATH),
    host: mostly(fc.oneof(fc.constantFrom(...HOSTS), fc.domain())),
    headers: mostly(fc.dictionary(NAME, VALUE, { maxKeys: 3 })),
    removeHeaders: mostly(fc.array(NAME, { maxLength: 3 })),
    ttl: mostly(fc.oneof(fc.nat(), fc.double({ min: 0, max: 100 }))),
    status: mostly(fc.constantFrom(200, 299, 300, 301, 304, 404, 410, 503, 599, 600, 404.5)),
    location: mostly(fc.oneof(fc.webUrl(), fc.constantFrom(...VALUES))),
    body: mostly(fc.string()),
    note: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: [] },
);

/** Documents that are records, damaged records, and bytes of any kind. */
export const DOCUMENT: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: RECORD.map((record) => Buffer.from(JSON.stringify(record))) },
  {
    weight: 2,
    arbitrary: fc.tuple(RECORD, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([record, position, byte]) => {
      const bytes = Buffer.from(JSON.stringify(record));
      bytes[position % bytes.length] = byte;
      return bytes;
    }),
  },
  // Rarely is one of these among the first, because all of its fields have to make sense.
  {
    weight: 1,
    arbitrary: fc
      .record({ status: fc.constantFrom(404, 410), note: fc.jsonValue() }, { requiredKeys: ["status"] })
      .map((record) => Buffer.from(JSON.stringify(record))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
);
