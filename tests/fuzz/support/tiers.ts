import type { HttpCall } from "proxy-wasm-host";
import { HOSTILE_RECORDS } from "../../fixtures/hostile/record.ts";
import { HOSTILE_RESP } from "../../fixtures/hostile/resp.ts";
import { webdisCommand } from "../../fixtures/keys/webdis-command.ts";
import { respOf } from "../../filter/support/redis.ts";
import { damaged } from "./configurations.ts";
import type { Random } from "./random.ts";

const RECORDS = [
  '{"path": "/svc", "headers": {"x-cell": "cell-1"}}',
  '{"path": "/svc?own=1", "host": "orders.internal", "removeHeaders": ["x-debug"], "ttl": 1}',
  '{"headers": {"x-cell": "2", "x-owned": "yes", "cookie": "a=b"}, "cell": "c", "ttl": 0}',
  '{"status": 301, "location": "https://elsewhere.example/"}',
  '{"status": 404}',
  '{"status": 410, "body": "gone"}',
  '{"status": 304, "body": "a body where none may be"}',
  '{"path": "/../x"}',
  '{"path": 5}',
  "[]",
  "null",
  "{}",
];
const HUGE = Buffer.alloc(2 * 1024 * 1024, 0x24);

/** Redis, the services and the collector, as they are on good days and on bad ones. */
export class Tiers {
  readonly #values = new Map<string, Uint8Array>();

  /** Answers a call in one of the ways in which it can be answered. */
  answer(random: Random, call: HttpCall): void {
    const way = random.below(20);
    if (way < 12) this.answerWell(random, call);
    else if (way === 12) call.timeOut();
    else if (way === 13) call.refuse();
    else if (way === 14) call.reset();
    else if (way === 15) call.reply({ status: random.between(100, 599), body: record(random) });
    else if (way === 16) call.reply({ body: damaged(random, this.#reply(random, call)) });
    else if (way === 17) call.reply({ body: random.pick(HOSTILE_RESP).bytes });
    else if (way === 18) call.reply({ body: random.oneIn(4) ? HUGE : random.bytes(200) });
    else call.reply({ headers: oddHeaders(random), body: this.#reply(random, call), trailers: [["x", "y"]] });
  }

  /** As a tier that works. */
  answerWell(random: Random, call: HttpCall): void {
    if (call.cluster !== "webdis" && random.oneIn(4)) call.reply({ status: random.pick([204, 404, 410]) });
    else call.reply({ body: this.#reply(random, call) });
  }

  #reply(random: Random, call: HttpCall): Uint8Array {
    return call.cluster === "webdis" ? this.#webdis(random, call) : record(random);
  }

  #webdis(random: Random, call: HttpCall): Uint8Array {
    const { command, arguments: words, format } = webdisCommand(call.path);
    const [key = ""] = words;
    if (random.oneIn(30)) return Buffer.from("-WRONGTYPE Operation against a key\r\n");
    if (command === "PSETEX") {
      this.#values.set(key, random.oneIn(20) ? damaged(random, call.body) : call.body);
      return Buffer.from("+OK\r\n");
    }
    if (command !== "GET") return Buffer.from("+OK\r\n");
    if (format === "raw") return respOf(this.#values.get(key) ?? null);
    const mark = /jsonp=(\w+)$/.exec(call.path)?.[1] ?? "";
    // Nearly all URIs have never been invalidated.
    const isMissing = key.includes("cache:") ? !random.oneIn(20) : random.oneIn(3);
    const value = this.#values.get(key) ?? (isMissing ? null : record(random));
    return Buffer.from(`${mark}(${JSON.stringify({ GET: value && Buffer.from(value).toString() })});\n`);
  }
}

function record(random: Random): Uint8Array {
  if (random.oneIn(10)) return random.pick(HOSTILE_RECORDS).bytes;
  const bytes = Buffer.from(random.pick(RECORDS));
  return random.oneIn(20) ? damaged(random, bytes) : bytes;
}

function oddHeaders(random: Random): [string, string][] {
  return random.pick<[string, string][]>([
    [[":status", ""]],
    [[":status", "2000"]],
    [
      [":status", "200"],
      ["content-encoding", "gzip"],
    ],
    [
      [":status", "200"],
      ["x", "y".repeat(10_000)],
    ],
  ]);
}
