import { describe, expect, it } from "vitest";
import { FAILURES } from "../support/lookup.ts";
import { UnitModule } from "../support/unit-module.ts";

const unit = new UnitModule();
const MARK = "t0123456789abcdef_0000000000000001";
const answerFailure = unit.function("answerFailure", [], "i32");
const answerReason = unit.function("answerReason", [], "text");
const answerIsOutage = unit.function("answerIsOutage", [], "bool");
const readWebdisReply = unit.function("readWebdisReply", ["i32", "optionalBytes", "bytes"], "void");
const readRawReply = unit.function("readRawReply", ["i32", "optionalBytes"], "void");
const readWriteReply = unit.function("readWriteReply", ["i32", "optionalBytes"], "void");

interface Judged {
  failure: string;
  reason: string;
  /** Whether the breaker counts it. */
  counts: boolean;
}

function judged(): Judged {
  return { failure: FAILURES[answerFailure()] ?? "", reason: answerReason(), counts: answerIsOutage() };
}

/** How an error of Redis is read by a lookup, by the cache, and by a write. */
function readers(error: string): Record<"lookup" | "cache" | "write", Judged> {
  readWebdisReply(200, `${MARK}(${JSON.stringify({ GET: [false, error] })});\n`, MARK);
  const lookup = judged();
  readRawReply(200, `-${error}\r\n`);
  const cache = judged();
  readWriteReply(200, `-${error}\r\n`);
  return { lookup, cache, write: judged() };
}

function everywhere(failure: string, reason: string, counts: boolean): ReturnType<typeof readers> {
  const same = { failure, reason, counts };
  return { lookup: same, cache: same, write: same };
}

describe("an error of Redis", () => {
  it.each([
    "LOADING Redis is loading the dataset in memory",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "CLUSTERDOWN The cluster is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "MOVED 3999 127.0.0.1:6381",
    "ASK 3999 127.0.0.1:6381",
    "REDIRECT 127.0.0.1:6381",
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
    "DENIED Redis is running in protected mode because protected mode is enabled",
    "LOADING",
  ])("that refuses everything is unavailable, its word is shown, and the breaker counts it: %s", (error) => {
    expect(readers(error)).toEqual(everywhere("unavailable", `redis ${error.split(" ")[0] ?? ""}`, true));
  });

  it.each([
    "OOM command not allowed when used memory > 'maxmemory'.",
    "MISCONF Redis is configured to save RDB snapshots",
  ])(
    "that refuses writes is unavailable, and the breaker, which is for reads, counts it of reads only: %s",
    (error) => {
      const expected = everywhere("unavailable", `redis ${error.split(" ")[0] ?? ""}`, true);
      expect(readers(error)).toEqual({ ...expected, write: { ...expected.write, counts: false } });
    },
  );

  it.each(["READONLY You can't write against a read only replica.", "NOREPLICAS Not enough good replicas to write."])(
    "of a replica is one that refuses writes: %s",
    (error) => {
      expect(readers(error)).toMatchObject({
        lookup: { failure: "unavailable", counts: true },
        write: { failure: "unavailable", counts: false },
      });
    },
  );

  it.each([
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "redis WRONGTYPE"],
    ["NOPERM No permissions to access a key", "redis NOPERM"],
    ["ERR unknown command 'GET', with args beginning with: 'secret'", "redis ERR"],
    ["BUSYKEY Target key name already exists.", "redis BUSYKEY"],
    ["BRANDNEW something", "redis BRANDNEW"],
    ["LOADINGS of it", "redis LOADINGS"],
    ["loading", "redis error"],
    ["LOADING: of it", "redis error"],
    ["secret key", "redis error"],
    [`${"A".repeat(21)} of it`, "redis error"],
    ["", "redis error"],
  ])(
    "about a key or a command, or an unknown one, is invalid, and nothing but its word is shown: %s",
    (error, reason) => {
      expect(readers(error)).toEqual(everywhere("invalid", reason, false));
    },
  );

  it.each([
    ["ERR max number of clients reached", "redis ERR max number of clients"],
    ["no upstream host", "redis no upstream host"],
    ["upstream failure", "redis upstream failure"],
  ])("of the whole without a word for it, also from Envoy's Redis proxy, is unavailable: %s", (error, reason) => {
    expect(readers(error)).toEqual(everywhere("unavailable", reason, true));
  });
});

describe("a Webdis that refuses", () => {
  it.each([401, 403])("with %i is unavailable; the breaker counts it of reads", (status) => {
    const expected = { failure: "unavailable", reason: `webdis ${status}`, counts: true };
    readWebdisReply(status, "no", MARK);
    expect(judged()).toEqual(expected);
    readRawReply(status, "no");
    expect(judged()).toEqual(expected);
    readWriteReply(status, "no");
    expect(judged()).toEqual({ ...expected, counts: false });
  });
});

describe("a reply to a write", () => {
  it.each([
    [200, "+OK\r\n", "none", false],
    [200, ":1\r\n", "invalid", false],
    [200, "", "invalid", false],
    [404, "", "invalid", false],
    [503, "", "unavailable", true],
    [504, "", "timeout", true],
    [-1, null, "unavailable", true],
    [-2, null, "timeout", true],
  ])("%i %j is %s, and tells of an outage or does not", (status, body, failure, counts) => {
    readWriteReply(status, body);
    expect(judged()).toMatchObject({ failure, counts });
  });
});
