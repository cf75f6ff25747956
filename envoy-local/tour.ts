import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { EXPECTED_SERVICE_REQUESTS, ITINERARY, TOUR_HOST, type Visit } from "./itinerary.ts";
import { readDebugHeader } from "./lib/debug-header.ts";
import { json, send, type HttpReply } from "./lib/http-client.ts";
import { TOUR_CONFIG } from "./lib/tour-config.ts";

/** Where the parts of a running Signpost listen on the loopback address. */
export interface TourPorts {
  readonly envoy: number;
  readonly routingService: number;
}

/** What one request of the tour met. */
interface Sighting {
  readonly status: number;
  readonly tier: string | undefined;
  readonly cache: string | undefined;
  readonly upstream: string | undefined;
  readonly path: string | undefined;
}

const COLUMNS = [31, 9, 10, 8, 31, 10, 10] as const;

/**
 * Sends the requests of the itinerary one after the other and prints what happens to each.
 *
 * @param print gets the lines
 * @returns what was not as expected, a sentence each; empty when all was
 */
export async function takeTour(ports: TourPorts, print: (line: string) => void): Promise<readonly string[]> {
  // One connection, hence one worker of Envoy: each worker has a memory of its own.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const problems: string[] = [];
  print(row(["request", "tier", "cache", "status", "path at the upstream", "upstream", "time"], "what it shows"));
  try {
    let firstAnswer: number | undefined;
    for (const visit of ITINERARY) {
      if (visit.notBefore !== undefined && firstAnswer !== undefined) {
        await delay(Math.max(0, firstAnswer + visit.notBefore - performance.now()));
      }
      const reply = await send({
        port: ports.envoy,
        path: visit.path,
        headers: { host: TOUR_HOST, ...visit.headers },
        agent,
      });
      firstAnswer ??= performance.now();
      const seen = sighting(reply);
      print(describe(visit, seen, reply.milliseconds));
      problems.push(...differences(visit, seen).map((text) => `GET ${visit.path} (${visit.shows}): ${text}`));
    }
  } finally {
    agent.destroy();
  }
  problems.push(...(await serviceProblems(ports.routingService, print)));
  return problems;
}

function sighting(reply: HttpReply): Sighting {
  const tier = readDebugHeader(reply.headers[TOUR_CONFIG.debugHeader])?.tier;
  // Only the upstreams of the harness answer with this header and what they saw.
  const upstream = reply.headers["x-served-by"];
  const path = upstream === undefined ? undefined : (json(reply) as { path: string }).path;
  const cache = readCacheStatus(reply.headers["cache-status"]);
  return { status: reply.status, tier, cache, upstream: typeof upstream === "string" ? upstream : undefined, path };
}

/** `hit`, or why the request was forwarded, of a `Cache-Status` field with one member (RFC 9211). */
function readCacheStatus(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const parameters = value.split(";").map((part) => part.trim());
  if (parameters.includes("hit")) return "hit";
  return parameters.find((part) => part.startsWith("fwd="))?.slice("fwd=".length);
}

function differences({ expected }: Visit, seen: Sighting): string[] {
  const names = Object.keys(expected) as (keyof typeof expected)[];
  return names
    .filter((name) => expected[name] !== seen[name])
    .map((name) => `${name}: expected ${expected[name] ?? "none"}, got ${seen[name] ?? "none"}`);
}

/** The point of it all: the routing service is asked once for each key. */
async function serviceProblems(port: number, print: (line: string) => void): Promise<string[]> {
  const { keys } = json(await send({ port, path: "/stats" })) as { keys: Record<string, number> };
  print("");
  for (const [key, count] of Object.entries(keys)) {
    print(`the routing service was asked ${count} × for ${key}`);
  }
  return isDeepStrictEqual(keys, EXPECTED_SERVICE_REQUESTS)
    ? []
    : [
        `requests to the routing service: expected ${JSON.stringify(EXPECTED_SERVICE_REQUESTS)}, got ${JSON.stringify(keys)}`,
      ];
}

function describe(visit: Visit, seen: Sighting, milliseconds: number): string {
  const { tier = "–", cache = "–", status, path = "–", upstream = "–" } = seen;
  return row(
    [`GET ${visit.path}`, tier, cache, String(status), path, upstream, `${milliseconds.toFixed(1)} ms`],
    visit.shows,
  );
}

function row(cells: readonly string[], last: string): string {
  return [...cells.map((cell, column) => cell.padEnd(COLUMNS[column] ?? 0)), last].join(" ");
}
