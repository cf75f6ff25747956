import { describe, expect, it } from "vitest";
import { HOSTILE_RESP } from "../../fixtures/hostile/resp.ts";
import { FAILURES } from "../support/lookup.ts";
import { UnitModule } from "../support/unit-module.ts";

const MAX_RECORD = 64 * 1024;
const RESET = -1;

const unit = new UnitModule();
const readWebdisReply = unit.function("readWebdisReply", ["i32", "optionalBytes"], "void");
const readServiceReply = unit.function("readServiceReply", ["i32", "optionalBytes", "i32"], "void");
const answerFound = unit.function("answerFound", [], "bool");
const answerDocument = unit.function("answerDocument", [], "optionalBytes");
const answerFailure = unit.function("answerFailure", [], "i32");
const answerReason = unit.function("answerReason", [], "text");

/** `found …`, `missing` or `class: reason`. */
function answer(): string {
  if (answerFound()) return `found ${Buffer.from(answerDocument() ?? []).toString()}`;
  const failure = FAILURES[answerFailure()];
  return failure === "none" ? "missing" : `${failure}: ${answerReason()}`;
}

function webdis(status: number, body: string | Uint8Array | null): string {
  readWebdisReply(status, body);
  return answer();
}

function service(status: number, body: string | null, maxBytes = MAX_RECORD): string {
  readServiceReply(status, body, maxBytes);
  return answer();
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** What a status means that is no answer, whoever sends it. */
const FAILED_STATUSES: [number, string][] = [
  [RESET, "unavailable: reset"],
  [504, "timeout: status 504"],
  [429, "unavailable: status 429"],
  [500, "unavailable: status 500"],
  [501, "unavailable: status 501"],
  [502, "unavailable: status 502"],
  [503, "unavailable: status 503"],
  [505, "unavailable: status 505"],
  [599, "unavailable: status 599"],
  [0, "invalid: status 0"],
  [100, "invalid: status 100"],
  [201, "invalid: status 201"],
  [206, "invalid: status 206"],
  [301, "invalid: status 301"],
  [304, "invalid: status 304"],
  [400, "invalid: status 400"],
  [401, "invalid: status 401"],
  [403, "invalid: status 403"],
  [428, "invalid: status 428"],
  [499, "invalid: status 499"],
  [600, "invalid: status 600"],
];

describe("Webdis' reply", () => {
  it.each([
    [bulk("{}"), "found {}"],
    [bulk(""), "found "],
    [bulk("a\r\nb"), "found a\r\nb"],
    ["$-1\r\n", "missing"],
    ["-ERR no\r\n", "invalid: redis error"],
    ["-NOAUTH Authentication required.\r\n", "invalid: redis error"],
    ["+OK\r\n", "invalid: not a RESP bulk string"],
    [":1\r\n", "invalid: not a RESP bulk string"],
    ["*1\r\n$2\r\n{}\r\n", "invalid: not a RESP bulk string"],
    ['{"GET":"{}"}', "invalid: not RESP"],
    ["$5\r\n{}\r\n", "invalid: not RESP"],
    ["$2\r\n{}\r\nmore", "invalid: not RESP"],
    ["", "invalid: not RESP"],
    [null, "invalid: not RESP"],
  ])("with status 200 and %j is %j", (body, expected) => {
    expect(webdis(200, body)).toBe(expected);
  });

  it.each([
    ...FAILED_STATUSES,
    [204, "invalid: status 204"],
    [404, "invalid: status 404"],
    [410, "invalid: status 410"],
  ])("with status %i is %j, whatever its body is", (status, expected) => {
    expect([webdis(status, null), webdis(status, bulk("{}"))]).toEqual([expected, expected]);
  });

  it("may hold the largest record, and is not read where it is longer than any", () => {
    expect(webdis(200, bulk("x".repeat(MAX_RECORD)))).toBe(`found ${"x".repeat(MAX_RECORD)}`);
    expect(webdis(200, bulk("x".repeat(MAX_RECORD + 64)))).toBe("invalid: record too large");
  });

  it("that is malformed is never a record nor a miss", () => {
    const wrong = HOSTILE_RESP.filter(({ valid }) => !valid).filter(
      ({ bytes }) => !webdis(200, bytes).startsWith("invalid: "),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

describe("the service's reply", () => {
  it("with status 200 is a record", () => {
    expect(service(200, "{}")).toBe("found {}");
    expect([service(200, ""), service(200, null)]).toEqual(["found ", "found "]);
  });

  it.each([204, 404, 410])("with status %i is a miss, whatever its body is", (status) => {
    expect([service(status, null), service(status, '{"error":"no such tenant"}')]).toEqual(["missing", "missing"]);
  });

  it.each(FAILED_STATUSES)("with status %i is %j, whatever its body is", (status, expected) => {
    expect([service(status, null), service(status, "{}")]).toEqual([expected, expected]);
  });

  it("may be as long as the configuration says", () => {
    expect([service(200, "12345", 5), service(200, "123456", 5)]).toEqual(["found 12345", "invalid: record too large"]);
  });
});
