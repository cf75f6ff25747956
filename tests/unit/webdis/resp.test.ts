import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTILE_RESP } from "../../fixtures/hostile/resp.ts";
import { kindOfFirst, read, readOneMore, type Reply } from "../support/webdis.ts";

const LINE = fc
  .stringMatching(/^[^\r\n]{0,12}$/, { size: "small" })
  .map((text) => Buffer.from(text).toString("latin1"));
const BYTES = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const INTEGER = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
);

const SCALAR: fc.Arbitrary<Reply> = fc.oneof(
  fc.constant<Reply>({ kind: "nil" }),
  fc.record({ kind: fc.constant("bulk" as const), value: BYTES }),
  fc.record({ kind: fc.constantFrom("simple" as const, "error" as const), value: LINE }),
  fc.record({ kind: fc.constant("integer" as const), value: INTEGER }),
);

const REPLY: fc.Arbitrary<Reply> = fc.oneof(
  SCALAR,
  fc.record({ kind: fc.constant("array" as const), elements: fc.array(SCALAR, { maxLength: 6 }) }),
);

/** A reply as Redis writes it. */
function written(reply: Reply): Buffer {
  switch (reply.kind) {
    case "nil":
      return line("$-1");
    case "bulk":
      return line(`$${reply.value.length}\r\n${reply.value}`);
    case "simple":
      return line(`+${reply.value}`);
    case "error":
      return line(`-${reply.value}`);
    case "integer":
      return line(`:${reply.value}`);
    case "array":
      return Buffer.concat([line(`*${reply.elements.length}`), ...reply.elements.map(written)]);
    case "malformed":
      throw new Error("nobody writes that");
  }
}

function line(text: string): Buffer {
  return Buffer.from(`${text}\r\n`, "latin1");
}

const MALFORMED: Reply = { kind: "malformed" };

describe("the hostile corpus", () => {
  it("has enough inputs, each with a name of its own", () => {
    expect(HOSTILE_RESP.length).toBeGreaterThanOrEqual(200);
    expect(new Set(HOSTILE_RESP.map((input) => input.name)).size).toBe(HOSTILE_RESP.length);
  });

  it("is judged as it says", () => {
    const judged = HOSTILE_RESP.map(({ name, bytes }) => ({ name, valid: read(bytes).kind !== "malformed" }));
    expect(judged).toEqual(HOSTILE_RESP.map(({ name, valid }) => ({ name, valid })));
  });
});

describe("a reply", () => {
  it("is read as Redis wrote it", () => {
    fc.assert(
      fc.property(REPLY, (reply) => {
        expect(read(written(reply))).toEqual(reply);
      }),
      { numRuns: 3000 },
    );
  });

  it("of which any part is missing at the end is malformed", () => {
    fc.assert(
      fc.property(REPLY, (reply) => {
        const whole = written(reply);
        for (let length = 0; length < whole.length; length++) {
          expect(read(whole.subarray(0, length))).toEqual(MALFORMED);
          // Also when the missing part lies right behind.
          expect(kindOfFirst(whole, length)).toBe("malformed");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("with anything behind it is malformed", () => {
    fc.assert(
      fc.property(REPLY, fc.uint8Array({ minLength: 1, maxLength: 8 }), (reply, junk) => {
        expect(read(Buffer.concat([written(reply), junk]))).toEqual(MALFORMED);
      }),
      { numRuns: 1000 },
    );
  });

  it("is what it says when written again, or malformed, whatever the bytes are", () => {
    const damaged = fc.tuple(REPLY, fc.nat(), fc.nat({ max: 2 }), fc.uint8Array({ maxLength: 3 }));
    fc.assert(
      fc.property(damaged, ([reply, position, removed, put]) => {
        const whole = written(reply);
        const at = position % (whole.length + 1);
        const bytes = Buffer.concat([whole.subarray(0, at), put, whole.subarray(at + removed)]);
        const result = read(bytes);
        const nilArray = bytes.equals(line("*-1"));
        if (result.kind !== "malformed" && !nilArray) expect(written(result)).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
  });

  it("that is missing is malformed", () => {
    expect(read(null)).toEqual(MALFORMED);
  });

  it("that is a nil array is nil", () => {
    expect(read("*-1\r\n")).toEqual({ kind: "nil" });
  });

  it("has no further element at its end, nor after a reply that has none", () => {
    read("*1\r\n:1\r\n");
    expect(readOneMore()).toBe("end");
    read("*2\r\n:1\r\n");
    expect(readOneMore()).toBe("end");
    read("$1\r\na\r\n");
    expect(readOneMore()).toBe("end");
  });
});

describe("what Webdis 0.1.9 answers, recorded", () => {
  it.each<[string, string, Reply]>([
    ["GET of a key", "$5\r\nhello\r\n", { kind: "bulk", value: "hello" }],
    ["GET of an empty value", "$0\r\n\r\n", { kind: "bulk", value: "" }],
    ["GET of no key", "$-1\r\n", { kind: "nil" }],
    ["PSETEX", "+OK\r\n", { kind: "simple", value: "OK" }],
    ["DEL", ":0\r\n", { kind: "integer", value: 0n }],
    [
      "GET of a list",
      "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
      { kind: "error", value: "WRONGTYPE Operation against a key holding the wrong kind of value" },
    ],
    ["ZRANGEBYSCORE of no key", "*0\r\n", { kind: "array", elements: [] }],
    [
      "ZRANGEBYSCORE … WITHSCORES",
      "*2\r\n$3\r\none\r\n$1\r\n1\r\n",
      {
        kind: "array",
        elements: [
          { kind: "bulk", value: "one" },
          { kind: "bulk", value: "1" },
        ],
      },
    ],
    // It leaves out what is not there and still counts it.
    ["MGET of a key and of no key", "*2\r\n$5\r\nhello\r\n", MALFORMED],
    ["MGET of no key", "*1\r\n", MALFORMED],
    ["COMMAND INFO, a nested array", "*1\r\n", MALFORMED],
    ["any command without .raw", '{"GET":"hello"}', MALFORMED],
  ])("%s", (_, answer, reply) => {
    expect(read(answer)).toEqual(reply);
  });
});
