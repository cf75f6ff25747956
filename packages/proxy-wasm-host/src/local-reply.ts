import { type Pair, pairName } from "./pairs.ts";
import { HeaderMap } from "./header-map.ts";
import { NO_BYTES } from "./bytes.ts";

/** An answer made in the proxy: by `proxy_send_local_response`, or by the host for a failed VM or upstream. */
export interface LocalReply {
  readonly status: number;
  readonly body: Uint8Array;
  readonly headers: readonly Pair[];
  /** Response code details, as in the access log; Envoy writes white space as `_`. */
  readonly details: string;
  /** -1 when the module set none. */
  readonly grpcStatus: number;
}

/** A local reply as it enters the response filters. */
export interface PreparedReply {
  readonly headers: HeaderMap;
  readonly body: Uint8Array;
}

const GRPC_UNKNOWN = 2;
const GRPC_STATUS_OF_HTTP = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, 14],
  [502, 14],
  [503, 14],
  [504, 14],
]);

/**
 * The headers and body that go out (`Utility::prepareLocalReply` of Envoy). With a body, `content-length` is set whatever
 * the status and a missing `content-type` becomes `text/plain`; without one both are dropped, also when the module gave
 * them.
 */
export function prepareLocalReply(reply: LocalReply, request: HeaderMap | undefined): PreparedReply {
  const headers = new HeaderMap([[":status", String(reply.status)]]);
  for (const pair of reply.headers) {
    // The status is the one argument that counts; a module cannot give it twice.
    if (pairName(pair) !== ":status") headers.add(pairName(pair), pair[1]);
  }
  if (isGrpc(request)) return prepareGrpcReply(reply, headers);
  if (reply.body.length > 0) {
    headers.set("content-length", String(reply.body.length));
    if (!headers.has("content-type")) headers.set("content-type", "text/plain");
  } else {
    headers.remove("content-length");
    headers.remove("content-type");
  }
  return { headers, body: reply.body };
}

/** A gRPC client gets its error in a response of headers alone. */
function prepareGrpcReply(reply: LocalReply, headers: HeaderMap): PreparedReply {
  headers.set(":status", "200");
  headers.set("content-type", "application/grpc");
  if ((headers.get("grpc-status") ?? "") === "") {
    const status = reply.grpcStatus >= 0 ? reply.grpcStatus : (GRPC_STATUS_OF_HTTP.get(reply.status) ?? GRPC_UNKNOWN);
    headers.set("grpc-status", String(status));
  }
  if (reply.body.length > 0) headers.set("grpc-message", percentEncode(reply.body));
  headers.remove("content-length");
  return { headers, body: NO_BYTES };
}

/** `grpc-message` holds printable ASCII, the rest percent-encoded (gRPC over HTTP/2, "Percent-Encoded"). */
function percentEncode(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    text += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

function isGrpc(request: HeaderMap | undefined): boolean {
  const type = request?.get("content-type");
  return type === "application/grpc" || type?.startsWith("application/grpc+") === true;
}
