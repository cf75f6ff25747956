import { constants, type ClientHttp2Session } from "node:http2";
import { request as httpRequest } from "node:http";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import type { CacheReply, CacheRequest } from "../../envoy/support/cache-client.ts";
import type { Random } from "../../fuzz/support/random.ts";
import { HOST, LANGUAGES, OBJECTS, TENANTS, USERS, bodyOf, etagOf, kindOf, readIdentity } from "./world.ts";
import type { Identity, World } from "./world.ts";
import type { Calendar } from "./faults.ts";

/** A request, and all that decides what may come back. */
export interface Question {
  readonly tenant: number;
  readonly object: number;
  readonly language: string;
  readonly user: string;
  readonly path: string;
  readonly request: CacheRequest;
  readonly range: boolean;
  readonly onlyIfCached: boolean;
  /** Of `If-None-Match`; empty when there is none. */
  readonly etag: string;
  /** When it was sent, in milliseconds since 1970. */
  readonly at: number;
}

/** A question out of the traffic; `etags` are those that the client has seen. */
export function nextQuestion(random: Random, etags: ReadonlyMap<string, string>): Question {
  const [tenant, object] = [random.below(TENANTS), random.below(OBJECTS)];
  const [language, user] = [random.pick(LANGUAGES), random.pick(USERS)];
  const path = `/api/t${tenant}/object?o=${object}`;
  const method = random.weighted([
    [20, "GET"],
    [2, "HEAD"],
    [1, "POST"],
  ]);
  const isGet = method === "GET";
  const range = isGet && random.oneIn(15) ? random.pick(["bytes=0-9", "bytes=5-14", "bytes=-5"]) : "";
  const directive = random.weighted([
    [20, ""],
    [1, "no-cache"],
    [1, "only-if-cached"],
    [1, "max-age=0"],
  ]);
  const etag = isGet && range === "" && random.oneIn(8) ? (etags.get(path) ?? "") : "";
  const headers: [string, string][] = [
    ["accept-language", language],
    ["x-user", user],
    ...optional("range", range),
    ...optional("cache-control", directive),
    ...optional("if-none-match", etag),
    // What only a lookup may set.
    ...optional("x-cell", random.oneIn(5) ? "forged" : ""),
  ];
  const request = { method, headers, ...(method === "POST" ? { body: "change it" } : {}) };
  const onlyIfCached = directive === "only-if-cached";
  return { tenant, object, language, user, path, request, range: range !== "", onlyIfCached, etag, at: Date.now() };
}

function optional(name: string, value: string): [string, string][] {
  return value === "" ? [] : [[name, value]];
}

/** What is wrong with a reply; undefined when nothing is. */
export function faultOf(question: Question, reply: CacheReply, world: World, calendar: Calendar): string | undefined {
  const { status, headers, body } = reply;
  const { method } = question.request;
  if (method === "POST" && status === 200) {
    return body.toString() === "changed" ? undefined : "a POST got somebody else's response";
  }
  if (status === 504 && question.onlyIfCached) return undefined;
  if (status >= 500) return faultOfError(question, reply, calendar);
  const identity = readIdentity(headers["x-identity"]?.[0] ?? "");
  if (identity === undefined) return "not a response of the origin's";
  const wrong = faultOfIdentity(question, identity, world, calendar);
  if (wrong !== undefined) return wrong;
  const whole = bodyOf(identity);
  if (status === 304) return question.etag === etagOf(identity) ? undefined : "a 304 nobody asked for";
  if (status === 206) {
    if (!question.range) return "a 206 nobody asked for";
    const [, from = "", to = ""] = /^bytes (\d+)-(\d+)\//.exec(headers["content-range"]?.[0] ?? "") ?? [];
    return body.equals(whole.subarray(Number(from), Number(to) + 1)) ? undefined : "not the bytes of its range";
  }
  if (status !== 200) return "a status that nobody gave";
  if (method === "HEAD") return body.length === 0 ? undefined : "a body for a HEAD";
  return body.equals(whole) ? undefined : `not its body: ${body.length} bytes of ${whole.length}`;
}

/** An error is right where what it is about was away. */
function faultOfError({ at }: Question, { status, headers, body }: CacheReply, calendar: Calendar): string | undefined {
  const report = headers["x-signpost"]?.join(", ") ?? "";
  if (body.toString() === "routing is unavailable") {
    // On a slow machine a service that is well may not answer in time.
    const isSlow = report.includes("timeout");
    return isSlow || calendar.excuses("service", at) ? undefined : `no route, and nothing was away: ${report}`;
  }
  return calendar.excuses("origin", at)
    ? undefined
    : `a ${status} (${body.toString()}), and nothing was away: ${report}`;
}

function faultOfIdentity(question: Question, identity: Identity, world: World, calendar: Calendar): string | undefined {
  const { tenant, object, at } = question;
  const kind = kindOf(object);
  if (identity.tenant !== tenant) return "another tenant's response";
  if (identity.object !== object) return "another URL's response";
  if (identity.user !== (kind === "private" ? question.user : "")) return "another user's response";
  if (identity.language !== (kind === "languages" ? question.language : "")) return "another language's response";
  if (!world.isCurrentEnough(identity, at, { enduring: calendar.excuses("origin", at) })) return "older than it may be";
  // While the service is away routes may be older: staleIfError.
  const routeIsBound = !calendar.excuses("service", at);
  if (routeIsBound && !world.isRoutedAsOfLate(identity, at)) return "an older route than it may be";
  return undefined;
}

/** Sends a request and leaves before its response is there, or while it comes; settles when nothing is left of it. */
export async function askAndLeave(question: Question, port: number, milliseconds: number): Promise<void> {
  const { method = "GET", headers = [] } = question.request;
  return new Promise((resolve) => {
    const fields = ["host", HOST, ...headers.flat()];
    const outgoing = httpRequest({ host: LOOPBACK, port, path: question.path, method, headers: fields, agent: false });
    outgoing.once("response", (response) => {
      response.on("error", () => undefined);
      response.resume();
    });
    outgoing.on("error", () => undefined);
    outgoing.once("close", resolve);
    outgoing.end();
    setTimeout(() => outgoing.destroy(), milliseconds);
  });
}

/** The same on a connection that others use. */
export async function askAndReset(
  question: Question,
  session: ClientHttp2Session,
  milliseconds: number,
): Promise<void> {
  const { method = "GET", headers = [] } = question.request;
  const pseudo = { ":method": method, ":scheme": "http", ":authority": HOST, ":path": question.path };
  return new Promise((resolve) => {
    const stream = session.request({ ...Object.fromEntries(headers), ...pseudo });
    stream.on("error", () => undefined);
    stream.resume();
    stream.once("close", resolve);
    setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), milliseconds);
  });
}
