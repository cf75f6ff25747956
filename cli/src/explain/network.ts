import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HttpCall } from "proxy-wasm-host";
import type { CallOutcome, Header, NoReply, Reply } from "./call-outcome.ts";

/** Envoy takes 60 KiB and more; Node's own 16 KiB would call a reply malformed that Envoy takes. */
const MAX_HEADER_BYTES = 256 * 1024;

/** Methods whose requests say nothing about their length when they have no body. */
const WITHOUT_BODY = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "CONNECT"]);

/**
 * Makes the filter's call to the server at `base` and waits for all of the reply.
 *
 * @param limit how long at most, in milliseconds; 0 is no limit
 */
export async function callOverNetwork(call: HttpCall, base: URL, limit = call.timeoutMs): Promise<CallOutcome> {
  const started = performance.now();
  const outcome = await settle(call, base, limit);
  return { ...outcome, milliseconds: performance.now() - started };
}

async function settle(call: HttpCall, base: URL, limit: number): Promise<Reply | NoReply> {
  return new Promise((resolve) => {
    let headersSeen = false;
    const outgoing = send(call, base);
    const timer =
      limit > 0
        ? setTimeout(() => {
            finish({ kind: headersSeen ? "reset" : "timeout", detail: `nothing more within ${limit} ms` });
          }, limit)
        : undefined;
    const finish = (outcome: Reply | NoReply): void => {
      clearTimeout(timer);
      outgoing.destroy();
      resolve(outcome);
    };
    // Stays after the end: a connection that breaks then must not end the program.
    outgoing.on("error", (error) => {
      finish(failure(error, headersSeen));
    });
    outgoing.once("upgrade", (response: IncomingMessage) => {
      finish(replyOf(response, []));
    });
    outgoing.once("response", (response) => {
      headersSeen = true;
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", (error) => {
        finish(failure(error, true));
      });
      response.once("end", () => {
        finish(replyOf(response, chunks));
      });
    });
    outgoing.end(call.body.length > 0 ? call.body : undefined);
  });
}

function send(call: HttpCall, base: URL): ClientRequest {
  const request = base.protocol === "https:" ? httpsRequest : httpRequest;
  const method = call.headers.get(":method") ?? "";
  const headers = ["host", wireText(call.headers.getBytes(":authority"))];
  for (const [name, value] of call.headers.pairs()) {
    if (!name.startsWith(":")) headers.push(name, wireText(value));
  }
  if (call.body.length === 0 && !WITHOUT_BODY.has(method)) headers.push("content-length", "0");
  return request({
    // An IPv6 address comes in brackets.
    host: base.hostname.replace(/^\[|\]$/g, ""),
    port: base.port,
    method,
    path: base.pathname.replace(/\/$/, "") + wireText(call.headers.getBytes(":path")),
    headers,
    maxHeaderSize: MAX_HEADER_BYTES,
    agent: false,
  });
}

/** Node takes what goes over the wire as text with one character per byte. */
function wireText(bytes: Uint8Array = new Uint8Array(0)): string {
  return Buffer.from(bytes).toString("latin1");
}

function failure(error: Error, headersSeen: boolean): NoReply {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const detail = error.message === "" ? code : error.message;
  if (headersSeen) return { kind: "reset", detail };
  // The parser's errors.
  return { kind: code.startsWith("HPE_") ? "malformed" : "unreachable", detail };
}

function replyOf(response: IncomingMessage, chunks: readonly Buffer[]): Reply {
  const headers: Header[] = [];
  for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) {
    const value = Buffer.from(response.rawHeaders[i + 1] ?? "", "latin1").toString("utf8");
    headers.push([(response.rawHeaders[i] ?? "").toLowerCase(), value]);
  }
  return { kind: "reply", status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}
