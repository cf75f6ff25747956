import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { StreamType } from "./types.ts";
import { toText } from "../bytes.ts";

export const streamFunctions = {
  proxy_continue_stream(scope: HostCallScope, type: number): Status {
    if (type >>> 0 > StreamType.Upstream) return Status.BadArgument;
    scope.noteConstant("stream", StreamType, type);
    return scope.context.continueStream(type);
  },

  proxy_close_stream(scope: HostCallScope, type: number): Status {
    if (type >>> 0 > StreamType.Upstream) return Status.BadArgument;
    scope.noteConstant("stream", StreamType, type);
    return scope.context.closeStream(type);
  },

  proxy_send_local_response(
    scope: HostCallScope,
    status: number,
    detailsPointer: number,
    detailsSize: number,
    bodyPointer: number,
    bodySize: number,
    headersPointer: number,
    headersSize: number,
    grpcStatus: number,
  ): Status {
    const details = scope.memory.read(detailsPointer, detailsSize);
    const body = scope.memory.read(bodyPointer, bodySize);
    const headers = scope.readPairs(headersPointer, headersSize);
    if (details === undefined || body === undefined || headers === undefined) return Status.InvalidMemoryAccess;
    scope.note("status", status);
    scope.note("details", details);
    scope.note("body", body);
    scope.notePairs("headers", headers);
    scope.note("grpcStatus", grpcStatus);
    const text = toText(details).replaceAll(/\s/g, "_");
    scope.context.sendLocalReply({ status, body, headers, details: text, grpcStatus });
    scope.vm.stopIteration();
    return Status.Ok;
  },
};
