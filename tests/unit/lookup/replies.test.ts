import { describe, expect, it } from "vitest";
import { HOSTILE_RESP } from "../../fixtures/hostile/resp.ts";
import { FAILURES } from "../support/lookup.ts";
import { UnitModule } from "../support/unit-module.ts";

const MAX_RECORD = 64 * 1024;
const RESET = -1;
const CUT_OFF = -2;

const unit = new UnitModule();
const readWebdisReply = unit.function("readWebdisReply", ["i32", "optionalBytes", "bytes"], "void");
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
  readWebdisReply(status, body, MARK);
  return answer();
}

function service(status: number, body: string | null, maxBytes = MAX_RECORD): string {
  readServiceReply(status, body, maxBytes);
  return answer();
}

const MARK = "t0123456789abcdef_0000000000000001";

/** Webdis' reply to the question that has the mark. */
function marked(json: string): string {
  return `${MARK}(${json});\n`;
}

/** What a status means that is no answer, whoever sends it. */
const FAILED_STATUSES: [number, string][] = [
  [RESET, "unavailable: reset"],
  [CUT_OFF, "timeout: late body"],
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
  [428, "invalid: status 428"],
  [499, "invalid: status 499"],
  [600, "invalid: status 600"],
];

describe("Webdis' reply", () => {
  it.each([
    [marked('{"GET":"{}"}'), "found {}"],
    [marked('{"GET":""}'), "found "],
    [marked(String.raw`{"GET":"{\"a\": \"\u00fc\n\"}"}`), 'found {"a": "ü\n"}'],
    [marked('{"GET":null}'), "missing"],
    [marked('{"GET":[false,"WRONGTYPE Operation against a key"]}'), "invalid: redis WRONGTYPE"],
    [marked("{}"), "invalid: not text"],
    [marked('{"GET":1}'), "invalid: not text"],
    [marked("{"), "invalid: not a reply to this question"],
    [marked(""), "invalid: not a reply to this question"],
    [marked("[]"), "invalid: not a reply to this question"],
    [`${marked('{"GET":"{}"}')}more`, "invalid: not a reply to this question"],
    [marked('{"GET":"{}"}').slice(1), "invalid: not a reply to this question"],
    [marked('{"GET":"{}"}').replace("01(", "02("), "invalid: not a reply to this question"],
    ['{"GET":"{}"}', "invalid: not a reply to this question"],
    ["$2\r\n{}\r\n", "invalid: not a reply to this question"],
    ["", "invalid: not a reply to this question"],
    [null, "invalid: not a reply to this question"],
  ])("with status 200 and %j is %j", (body, expected) => {
    expect(webdis(200, body)).toBe(expected);
  });

  it.each([
    ...FAILED_STATUSES,
    [401, "unavailable: webdis 401"],
    [403, "unavailable: webdis 403"],
    [204, "invalid: status 204"],
    [404, "invalid: status 404"],
    [410, "invalid: status 410"],
  ])("with status %i is %j, whatever its body is", (status, expected) => {
    expect([webdis(status, null), webdis(status, marked('{"GET":"{}"}'))]).toEqual([expected, expected]);
  });

  it("may hold the largest record, however it is escaped, and no larger one", () => {
    expect(webdis(200, marked(JSON.stringify({ GET: "\u0001".repeat(MAX_RECORD) })))).toBe(
      `found ${"\u0001".repeat(MAX_RECORD)}`,
    );
    expect(webdis(200, marked(JSON.stringify({ GET: "x".repeat(MAX_RECORD + 1) })))).toBe("invalid: record too large");
    expect(webdis(200, marked(JSON.stringify({ GET: "\u0001".repeat(MAX_RECORD + 64) })))).toBe(
      "invalid: record too large",
    );
  });

  it("in another format is never a record nor a miss, and neither is one cut off anywhere", () => {
    const whole = Buffer.from(marked('{"GET":"{}"}'));
    const cut = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
    const wrong = [...HOSTILE_RESP.map(({ bytes }) => bytes), ...cut].filter(
      (bytes) => !webdis(200, bytes).startsWith("invalid: "),
    );
    expect(wrong).toEqual([]);
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

  it.each([...FAILED_STATUSES, [401, "invalid: status 401"], [403, "invalid: status 403"]])(
    "with status %i is %j, whatever its body is",
    (status, expected) => {
      expect([service(status, null), service(status, "{}")]).toEqual([expected, expected]);
    },
  );

  it("may be as long as the configuration says", () => {
    expect([service(200, "12345", 5), service(200, "123456", 5)]).toEqual(["found 12345", "invalid: record too large"]);
  });
});
