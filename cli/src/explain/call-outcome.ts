import type { HttpCall } from "proxy-wasm-host";
import { markedBody, withoutMark } from "./reply-mark.ts";

/** A header with its value; names in lower case, and a name may come more than once. */
export type Header = readonly [name: string, value: string];

/** A call as the filter makes it. */
export interface Question {
  readonly cluster: string;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  /** Without the pseudo-headers. */
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
  /** Milliseconds; 0 is no limit. */
  readonly timeoutMs: number;
}

/** A whole response of a cluster. */
export interface Reply {
  readonly kind: "reply";
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** Why no whole response came. The filter sees what Envoy makes of it. */
export interface NoReply {
  readonly kind: "timeout" | "unreachable" | "malformed" | "reset";
  /** For people: what exactly happened; empty when there is nothing more to say. */
  readonly detail: string;
}

/** What became of a call, and after how many milliseconds. */
export type CallOutcome = (Reply | NoReply) & { readonly milliseconds: number };

const MALFORMED_BODY = "upstream connect error or disconnect/reset before headers. reset reason: protocol error";

/**
 * Hands an outcome to the filter as Envoy does (seen on 1.40). Before the response's headers have come, Envoy answers
 * itself: 504 when the time is up, 503 when the connection fails, 502 when what comes is no HTTP. After them, whatever
 * goes wrong is a reset, also when the time is up: a reply without headers.
 */
export function deliver(call: HttpCall, outcome: CallOutcome): void {
  switch (outcome.kind) {
    case "reply":
      call.reply({
        headers: [[":status", String(outcome.status)], ...outcome.headers.filter(([name]) => !name.startsWith(":"))],
        body: markedBody(outcome.body, call.path),
      });
      break;
    case "timeout":
      call.timeOut();
      break;
    case "unreachable":
      call.refuse();
      break;
    case "malformed":
      call.reply({ status: 502, headers: { "content-type": "text/plain" }, body: MALFORMED_BODY });
      break;
    case "reset":
      call.reset();
      break;
  }
}

/** What the filter has asked for. */
export function questionOf(call: HttpCall): Question {
  return {
    cluster: call.cluster,
    method: call.headers.get(":method") ?? "",
    path: withoutMark(call.path),
    authority: call.headers.get(":authority") ?? "",
    headers: [...call.headers].filter(([name]) => !name.startsWith(":")),
    body: call.body,
    timeoutMs: call.timeoutMs,
  };
}
