import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { toText } from "../bytes.ts";
import { HeaderMap } from "../header-map.ts";
import { type Pair, pairName } from "../pairs.ts";

export const httpCallFunctions = {
  proxy_http_call(
    scope: HostCallScope,
    clusterPointer: number,
    clusterSize: number,
    headersPointer: number,
    headersSize: number,
    bodyPointer: number,
    bodySize: number,
    trailersPointer: number,
    trailersSize: number,
    timeoutMs: number,
    tokenPointer: number,
  ): Status {
    const clusterBytes = scope.memory.read(clusterPointer, clusterSize);
    const body = scope.memory.read(bodyPointer, bodySize);
    const headerPairs = scope.readPairs(headersPointer, headersSize);
    const trailerPairs = scope.readPairs(trailersPointer, trailersSize);
    if (!clusterBytes || !body || !headerPairs || !trailerPairs) return Status.InvalidMemoryAccess;
    const cluster = toText(clusterBytes);
    scope.note("cluster", cluster);
    scope.notePairs("headers", headerPairs);
    scope.note("body", body);
    scope.notePairs("trailers", trailerPairs);
    scope.note("timeoutMs", timeoutMs);
    if (!scope.memory.writeU32(tokenPointer, 0)) return Status.InvalidMemoryAccess;
    const headers = toHeaderMap(headerPairs);
    const root = scope.context.root;
    const { clusters, emptyClusters } = scope.services;
    if (root === undefined || timeoutMs < 0) return Status.BadArgument;
    if (!clusters.has(cluster) && !emptyClusters.has(cluster)) return Status.BadArgument;
    if (!headers.has(":path") || !headers.has(":method") || !headers.has(":authority")) return Status.BadArgument;
    if (body.length > 0) headers.set("content-length", String(body.length));
    const token = scope.vm.allocateCallToken();
    // Envoy's answer to such a call comes before the call is known, and goes nowhere.
    if (!clusters.has(cluster)) return Status.InternalFailure;
    scope.note("token", token);
    root.call({
      token,
      callerContextId: scope.context.id,
      cluster,
      headers,
      body,
      trailers: toHeaderMap(trailerPairs),
      timeoutMs,
    });
    return scope.returnU32(tokenPointer, token);
  },
};

function toHeaderMap(pairs: readonly Pair[]): HeaderMap {
  const map = new HeaderMap();
  for (const pair of pairs) map.add(pairName(pair), pair[1]);
  return map;
}
