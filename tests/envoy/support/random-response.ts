import { createHash } from "node:crypto";
import type { Fields, Script } from "./scripted-upstream.ts";

/** A response made from a seed: the same one whenever it is made. */
export interface RandomResponse {
  readonly status: number;
  readonly fields: Fields;
  readonly body: Buffer;
  /** Where the body is cut into the chunks that it is sent in, in ascending order; empty for one. */
  readonly cuts: readonly number[];
  /** Whether its length is told. */
  readonly isCounted: boolean;
}

/** Numbers from 0 (inclusive) to 1, always the same for one seed (mulberry32, a public-domain generator). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const STATUSES = [200, 200, 200, 200, 203, 301, 404, 410];
const MOST_CUTS = 12;

/** With a body of `size` random bytes, and fields some of which are repeated. */
export function randomResponse(seed: number, size: number): RandomResponse {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const fields: [string, string][] = [
    ["cache-control", "max-age=86400"],
    ["x-checked", digestOf(String(seed))],
  ];
  if (random() < 0.8) fields.push(["content-type", "application/octet-stream"]);
  for (let i = below(8); i > 0; i--) fields.push([`x-repeated-${below(3)}`, valueOf(below)]);
  const cuts = Array.from({ length: below(MOST_CUTS) }, () => below(size + 1)).sort((a, b) => a - b);
  return {
    status: STATUSES[below(STATUSES.length)] ?? 200,
    fields,
    body: bytes(below, size),
    cuts,
    isCounted: random() < 0.5,
  };
}

/** Sends it in its chunks; some go out at once, some after others have been read. */
export function sendRandom({ status, fields, body, cuts, isCounted }: RandomResponse): Script {
  return async (_, response) => {
    const length: Fields = isCounted ? [["content-length", String(body.length)]] : [];
    response.writeHead(status, [...fields, ...length].flat());
    let from = 0;
    for (const [index, cut] of cuts.entries()) {
      response.write(body.subarray(from, cut));
      from = cut;
      if (index % 3 === 2) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end(body.subarray(from));
  };
}

/** Any byte that a field may have, spaces at its ends excepted. */
function valueOf(below: (limit: number) => number): string {
  const inner = Array.from({ length: below(30) }, () => String.fromCharCode(0x20 + below(0x5f)));
  return below(5) === 0 ? "" : `<${inner.join("")}${below(2) === 0 ? "\u00e9\u00ff" : ""}>`;
}

/** Every byte is as likely as any other; whole words at a time, as large bodies would take long else. */
function bytes(below: (limit: number) => number, size: number): Buffer {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let i = 0; i < words.length; i++) words[i] = below(2 ** 32);
  return Buffer.from(words.buffer, 0, size);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
