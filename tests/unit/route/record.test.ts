import { describe, expect, it } from "vitest";
import { lastChanges, readRecord, type Change } from "../support/route.ts";

const YEAR = 365 * 24 * 3600;

function changesOf(document: unknown): Change[] {
  const record = readRecord(document);
  if (record.kind !== "changes") throw new Error(JSON.stringify(record));
  return record.changes;
}

function ttlOf(document: unknown): number {
  const record = readRecord(document);
  if (record.kind !== "changes") throw new Error(JSON.stringify(record));
  return record.ttl;
}

/** The UTF-8 bytes of a text, as changes show them. */
function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}

describe("a record", () => {
  it("may say nothing", () => {
    expect(readRecord("{}")).toEqual({ kind: "changes", changes: [], ttl: -1 });
  });

  it("gives changes in the order removals, path, host, headers", () => {
    const record = {
      removeHeaders: ["x-debug"],
      headers: { "x-cell": "7" },
      host: "orders.internal",
      path: "/v2/orders",
      ttl: 60,
    };
    expect(readRecord(record)).toEqual({
      kind: "changes",
      changes: [
        { what: "remove", name: "x-debug" },
        { what: "path", value: "/v2/orders" },
        { what: "host", value: "orders.internal" },
        { what: "set", name: "x-cell", value: "7" },
      ],
      ttl: 60_000,
    });
  });

  it("sets a header that it also removes", () => {
    expect(changesOf({ headers: { "x-a": "1" }, removeHeaders: ["x-a"] })).toEqual([
      { what: "remove", name: "x-a" },
      { what: "set", name: "x-a", value: "1" },
    ]);
  });

  it("may hold data for others, of any kind, and its names differ by case", () => {
    const others = {
      note: { path: 5 },
      Path: 5,
      PATH: null,
      "path ": [],
      "": {},
      header: 1,
      removeheaders: 2,
      TTL: "x",
    };
    expect(changesOf({ ...others, path: "/a" })).toEqual([{ what: "path", value: "/a" }]);
  });

  it("has no field whose value is null, as serializers write what is not there", () => {
    const nothing = { path: null, host: null, headers: null, removeHeaders: null, ttl: null, status: null };
    expect(readRecord({ ...nothing, location: null, body: null })).toEqual({ kind: "changes", changes: [], ttl: -1 });
    expect(changesOf({ headers: { "x-a": null, "x-b": "1" }, removeHeaders: [null, "x-c"] })).toEqual([
      { what: "remove", name: "x-c" },
      { what: "set", name: "x-b", value: "1" },
    ]);
    expect(readRecord({ status: 404, body: null }).kind).toBe("negative");
    expect(changesOf({ status: 301, location: "/a", body: null })).toEqual([
      { what: "answer", status: 301, location: "/a", body: "" },
    ]);
  });

  it("may begin with a byte order mark, but with one only", () => {
    expect(changesOf('\ufeff{"path":"/a"}')).toEqual([{ what: "path", value: "/a" }]);
    expect(readRecord('\ufeff\ufeff{"path":"/a"}').kind).toBe("invalid");
    expect(readRecord("\ufeff").kind).toBe("invalid");
  });

  it("is known by the last of members of one name, however the name is written", () => {
    expect(changesOf('{"path":"/first","path":"/second"}')).toEqual([{ what: "path", value: "/second" }]);
    expect(changesOf('{"path":"/first","\\u0070ath":"/second"}')).toEqual([{ what: "path", value: "/second" }]);
    expect(changesOf('{"path":5,"ttl":"x","ttl":1,"path":"/good"}')).toEqual([{ what: "path", value: "/good" }]);
    expect(readRecord('{"path":"/good","path":5}')).toMatchObject({ kind: "invalid", problem: "path: not a string" });
  });

  it("leaves nothing to the one read after it", () => {
    readRecord({ path: "/a", headers: { "x-a": "1" }, ttl: 5 });
    expect(readRecord("{}")).toEqual({ kind: "changes", changes: [], ttl: -1 });
  });
});

describe("headers of a record", () => {
  it("have their names in lower case, their values as they are", () => {
    expect(changesOf({ headers: { "X-Cell": "A b", "x-ORG": "", "x-utf8": "Büro 😀", "x-tab": "a\tb" } })).toEqual([
      { what: "set", name: "x-cell", value: "A b" },
      { what: "set", name: "x-org", value: "" },
      { what: "set", name: "x-utf8", value: utf8("Büro 😀") },
      { what: "set", name: "x-tab", value: "a\tb" },
    ]);
  });

  it("stay in their order, so that of two of one name the later one counts", () => {
    expect(changesOf('{"headers":{"x-a":"1","x-b":"2","X-A":"3","x-a":"4"}}')).toEqual([
      { what: "set", name: "x-a", value: "1" },
      { what: "set", name: "x-b", value: "2" },
      { what: "set", name: "x-a", value: "3" },
      { what: "set", name: "x-a", value: "4" },
    ]);
  });

  it("may be removed, in any case, and be none", () => {
    expect(changesOf({ removeHeaders: ["X-Debug", "x-internal"], headers: {} })).toEqual([
      { what: "remove", name: "x-debug" },
      { what: "remove", name: "x-internal" },
    ]);
    expect(changesOf({ removeHeaders: [] })).toEqual([]);
  });
});

describe("a direct answer", () => {
  it.each([300, 301, 302, 307, 308, 400, 404, 410, 451, 503, 599])("may have the status %i", (status) => {
    expect(changesOf({ status, location: "/x", body: "text" })).toEqual([
      { what: "answer", status, location: "/x", body: "text" },
    ]);
  });

  it("may lack location and body", () => {
    expect(changesOf({ status: 302 })).toEqual([{ what: "answer", status: 302, location: "", body: "" }]);
  });

  it("leaves all other changes out", () => {
    expect(changesOf({ status: 301, location: "/x", path: "/p", host: "h", headers: { "x-a": "1" } })).toEqual([
      { what: "answer", status: 301, location: "/x", body: "" },
    ]);
  });

  it("has a ttl as any record", () => {
    expect(ttlOf({ status: 301, ttl: 5 })).toBe(5000);
  });

  it("has no body with the status 304", () => {
    expect(changesOf({ status: 304, body: "HTTP/1.1 200 OK" })).toEqual([
      { what: "answer", status: 304, location: "", body: "" },
    ]);
  });

  it("has UTF-8 in its body, with any character", () => {
    const body = "ä\u0000\r\n😀";
    expect(changesOf({ status: 500, body })).toEqual([{ what: "answer", status: 500, location: "", body: utf8(body) }]);
  });
});

describe("a negative record", () => {
  it.each([404, 410])("has the status %i and no body", (status) => {
    expect(readRecord({ status })).toEqual({ kind: "negative" });
    expect(readRecord({ status, location: "/x", ttl: 60 })).toEqual({ kind: "negative" });
    expect(lastChanges()).toHaveLength(0);
  });

  it("is a direct answer as soon as it has a body, be it empty", () => {
    expect(changesOf({ status: 404, body: "" })).toEqual([{ what: "answer", status: 404, location: "", body: "" }]);
  });
});

describe("a ttl", () => {
  it.each([
    ["0", 0],
    ["-0", 0],
    ["0.0", 0],
    ["1", 1000],
    ["0.5", 500],
    ["0.001", 1],
    ["0.25e1", 2500],
    ["60", 60_000],
    [String(YEAR), YEAR * 1000],
  ])("of %s is that many seconds", (seconds, milliseconds) => {
    expect(ttlOf(`{"ttl":${seconds}}`)).toBe(milliseconds);
  });

  it("is not there unless it is given", () => {
    expect(ttlOf("{}")).toBe(-1);
  });
});

describe("the limits of a record", () => {
  const MAX_BYTES = 64 * 1024;

  it("are 64 KiB", () => {
    const around = '{"path":"/","note":""}'.length;
    const ofBytes = (bytes: number): string => `{"path":"/","note":"${"x".repeat(bytes - around)}"}`;
    expect(changesOf(ofBytes(MAX_BYTES))).toEqual([{ what: "path", value: "/" }]);
    expect(readRecord(ofBytes(MAX_BYTES + 1))).toEqual({
      kind: "invalid",
      problem: "bad JSON: larger than 65536 bytes",
    });
  });

  it("are 32 levels", () => {
    const ofDepth = (depth: number): string => `{"note":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    expect(changesOf(ofDepth(32))).toEqual([]);
    expect(readRecord(ofDepth(33))).toEqual({ kind: "invalid", problem: "bad JSON: nested more than 32 deep" });
  });

  it("allow as many changes as fit", () => {
    const headers = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`x-${i}`, "1"]));
    expect(changesOf({ headers })).toHaveLength(4000);
  });
});
