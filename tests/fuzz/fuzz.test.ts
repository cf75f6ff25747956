/**
 * Random configurations, requests, responses, replies of the tiers, clocks and failing host calls, in any order that Envoy
 * allows. One seed makes one episode of many streams. Every run tries the same; other ones, and more, by hand:
 *
 *     FUZZ_SEED=1000 FUZZ_STREAMS=1000000 npx vitest run --project fuzz
 */
import { describe, it } from "vitest";
import { Episode } from "./support/episode.ts";

const STREAMS_PER_EPISODE = 100;
/** In the gate: about a minute. */
const STREAMS = Number(process.env["FUZZ_STREAMS"] ?? 60_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const EPISODES = Math.max(1, Math.round(STREAMS / STREAMS_PER_EPISODE));
/** So that all cores have something to do, and a report says where it went wrong. */
const PARTS = 10;

describe(`${EPISODES * STREAMS_PER_EPISODE} streams: none traps, hangs or does what Envoy does not define`, () => {
  const part = Math.ceil(EPISODES / PARTS);
  const firsts = Array.from({ length: Math.ceil(EPISODES / part) }, (_, index) => SEED + index * part);
  it.each(firsts)("from seed %i on", async (first) => {
    for (let seed = first; seed < Math.min(first + part, SEED + EPISODES); seed++) {
      try {
        await Episode.run(seed, STREAMS_PER_EPISODE);
      } catch (error) {
        const again = `FUZZ_SEED=${seed} FUZZ_STREAMS=${STREAMS_PER_EPISODE} npx vitest run --project fuzz`;
        throw new Error(`${String(error)}\nonce more: ${again}`, { cause: error });
      }
    }
  });
});
