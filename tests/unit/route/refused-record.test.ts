import { describe, expect, it } from "vitest";
import { HOSTILE_DOCUMENTS } from "../../fixtures/hostile/json.ts";
import { lastChanges, lastTtl, readRecord } from "../support/route.ts";

const NO_STRINGS = [true, 5, [], ["/a"], {}];

/** Values of one field and what a record with any of them is refused with. */
interface Refusal {
  field: string;
  values: readonly unknown[];
  problem: string;
  /** What else the record says, so that the field counts. */
  beside?: object;
}

const ANSWER = { status: 301 };

const REFUSALS: Refusal[] = [
  {
    field: "ttl",
    values: [-1, -0.001, 31536000.5, 1e300, "60", true, [60], {}],
    problem: "ttl: not a number of seconds from 0 to a year",
  },
  {
    field: "status",
    values: [-301, 0, 200, 299, 299.9, 600, 404.5, 1e10, 4294967596, "404", true, [404], {}],
    problem: "status: not a number from 300 to 599",
  },
  { field: "location", values: NO_STRINGS, problem: "location: not a string", beside: ANSWER },
  {
    field: "location",
    values: ["/a\r\nx: y", "/a\u0000", " /a", "/a ", "\t", "/\u007f"],
    problem: "location: not a header value",
    beside: ANSWER,
  },
  { field: "body", values: NO_STRINGS, problem: "body: not a string", beside: ANSWER },
  { field: "path", values: NO_STRINGS, problem: "path: not a string" },
  {
    field: "path",
    values: [
      "",
      "a",
      "?a",
      "/a b",
      "/a\r\n",
      "/ä",
      "/a#b",
      "/%zz",
      "/%2",
      "/a/../b",
      "/..",
      "/.",
      "/%2E%2e/b",
      "/a/..;x",
      "/a\\..\\b",
      "//h/../x",
      "/a%2f..%2fb",
    ],
    problem: "path: not a path, or with a dot segment",
  },
  { field: "host", values: NO_STRINGS, problem: "host: not a string" },
  {
    field: "host",
    values: ["", "a b", "a/b", "u@a", "a:", "a:0", "a:65536", "a:x", ":80", "[::1", "a\r\n", "ä"],
    problem: "host: not a host",
  },
  { field: "headers", values: [true, 5, "x-a: 1", [], [["x-a", "1"]]], problem: "headers: not an object" },
  {
    field: "headers",
    values: [
      "",
      ":path",
      ":authority",
      "Host",
      "HOST",
      "content-length",
      "Transfer-Encoding",
      "trailer",
      "connection",
      "keep-alive",
      "proxy-connection",
      "TE",
      "upgrade",
      "http2-settings",
      "proxy-authenticate",
      "proxy-authorization",
      "x a",
      "x:",
      "x\r\n",
      "x-ä",
      "x-\u0000",
    ].map((name) => ({ [name]: "1" })),
    problem: "headers: a name that may not be set",
  },
  {
    field: "headers",
    values: [true, 5, [], ["1"], {}].map((value) => ({ "x-a": value })),
    problem: "headers: a value that is not a string",
  },
  {
    field: "headers",
    values: ["a\r\nx: y", "\n", "\u0000", "\u001f", "\u007f", " a", "a ", "\t"].map((value) => ({ "x-a": value })),
    problem: "headers: a value that no header can have",
  },
  {
    field: "headers",
    values: [{ "x-a": "1", "x-b": 2, "x-c": "3" }],
    problem: "headers: a value that is not a string",
  },
  { field: "removeHeaders", values: [true, 5, "x-a", {}, { 0: "x-a" }], problem: "removeHeaders: not an array" },
  {
    field: "removeHeaders",
    values: [[5], [["x-a"]], [{}], ["x-a", true]],
    problem: "removeHeaders: a name that is not a string",
  },
  {
    field: "removeHeaders",
    values: [[""], [":path"], ["Host"], ["x-a", "te"], ["x a"], ["x-ä"], ["x-a\r\n"]],
    problem: "removeHeaders: a name that may not be removed",
  },
];

const CASES = REFUSALS.flatMap(({ field, values, problem, beside }) =>
  values.map((value) => ({ document: JSON.stringify({ ...beside, [field]: value }), problem })),
);

describe("a record is refused", () => {
  it.each(CASES)("$document: $problem", ({ document, problem }) => {
    expect(readRecord(document)).toEqual({ kind: "invalid", problem });
    expect(lastChanges()).toHaveLength(0);
  });

  it.each(["[]", '"/a"', "5", "true", "null"])("%s is not an object", (document) => {
    expect(readRecord(document)).toEqual({ kind: "invalid", problem: "not an object" });
  });

  it.each([
    ["", "bad JSON: expected a value, found the end"],
    ["garbage", "bad JSON: expected a value"],
    ['{"path": "/svc"', "bad JSON: expected ',' or '}'"],
    ["{} {}", "bad JSON: expected the end of the document"],
  ])("%s is no JSON", (document, problem) => {
    expect(readRecord(document)).toEqual({ kind: "invalid", problem });
  });

  it("for a number that no double has", () => {
    expect(readRecord('{"ttl":1e400}')).toMatchObject({ kind: "invalid" });
    expect(readRecord('{"status":1e400}')).toMatchObject({ kind: "invalid" });
  });

  it("as a whole: nothing is left of what made sense before the fault", () => {
    expect(readRecord({ path: "/a", host: "h", headers: { "x-a": "1" }, removeHeaders: [5] })).toMatchObject({
      kind: "invalid",
    });
    expect(lastChanges()).toHaveLength(0);
  });

  it.each(["path", "host", "headers", "removeHeaders"])("for a %s of a wrong type beside a direct answer", (field) => {
    expect(readRecord({ status: 301, location: "/x", [field]: 5 })).toMatchObject({ kind: "invalid" });
    expect(readRecord({ status: 404, [field]: 5 })).toMatchObject({ kind: "invalid" });
  });

  it.each(["location", "body"])("for a %s of a wrong type without a status", (field) => {
    expect(readRecord({ path: "/a", [field]: 5 })).toMatchObject({ kind: "invalid" });
  });
});

describe("a record after a refused one", () => {
  it("is read as if nothing had been before it", () => {
    for (const { document } of CASES) {
      readRecord(document);
      expect(readRecord({ path: "/a" })).toEqual({
        kind: "changes",
        changes: [{ what: "path", value: "/a" }],
        ttl: -1,
      });
      expect(lastTtl()).toBe(-1);
    }
  });
});

describe("the hostile corpus", () => {
  it("is refused wherever it is no JSON", () => {
    const accepted = HOSTILE_DOCUMENTS.filter(({ bytes }) => readRecord(bytes).kind !== "invalid");
    expect(accepted.map(({ name }) => name)).toEqual([]);
  });
});
