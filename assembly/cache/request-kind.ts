import { Slice, equal, isPresent, persist, startsWith } from "as-bytes/assembly";
import { HeaderSource } from "../request/client-request";
import { isSafe } from "./invalidation-targets";
import { hasOriginPrecondition } from "./preconditions";
import { Forwarded } from "./cache-status";
import { Concern, Visit } from "./visit";

const AUTHORIZATION = persist("authorization");
const CONNECT = persist("CONNECT");
const CONTENT_TYPE = persist("content-type");
const GET = persist("GET");
const GRPC = persist("application/grpc");
const HEAD = persist("HEAD");
const IF_MODIFIED_SINCE = persist("if-modified-since");
const IF_NONE_MATCH = persist("if-none-match");
const METHOD = persist(":method");
const RANGE = persist("range");
const UPGRADE = persist("upgrade");

/** What a client asks about its own copy, where that can be answered from the store. */
export function isConditional(request: HeaderSource): bool {
  return isPresent(request.get(IF_NONE_MATCH)) || isPresent(request.get(IF_MODIFIED_SINCE));
}

/**
 * Whether its response is its own client's before it is there: an answer to that client's condition, with credentials that seldom
 * let a whole response be stored. Without them the whole is asked for instead, and the condition is answered here.
 */
function isForItself(visit: Visit): bool {
  return visit.isConditional && isPresent(visit.request.get(AUTHORIZATION));
}

/**
 * gRPC asks with POST for what nobody asks for with GET: there is nothing to invalidate. And to any request that says it is gRPC,
 * proxies answer themselves with nothing but gRPC's errors.
 */
function isGrpc(request: HeaderSource): bool {
  return startsWith(request.get(CONTENT_TYPE), GRPC);
}

/**
 * Decides what the cache has to do with a request that its `match` lets in, and sets it in `visit`, whose fields it has.
 * `hasBody` is whether more than headers follows.
 */
export function classify(visit: Visit, hasBody: bool): void {
  const request = visit.request;
  const method = request.get(METHOD);
  visit.isGet = equal(method, GET);
  if (!visit.isGet && !equal(method, HEAD)) {
    visit.forwarded = Forwarded.Method;
    const isUnsafe = !isSafe(method) && !equal(method, CONNECT) && !isGrpc(request);
    visit.concern = isUnsafe ? Concern.Unsafe : Concern.Pass;
    return;
  }
  const isAlways = hasBody || isPresent(request.get(UPGRADE)) || hasOriginPrecondition(request);
  if (isAlways || isGrpc(request)) {
    visit.pass();
    return;
  }
  visit.concern = Concern.Cacheable;
  visit.isConditional = isConditional(request);
  visit.canLead = visit.isGet && !isPresent(request.get(RANGE)) && !isForItself(visit);
}
