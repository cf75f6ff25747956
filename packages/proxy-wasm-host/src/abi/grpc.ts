import type { HostCallScope } from "./host-call-scope.ts";
import { Status } from "./status.ts";
import { toText } from "../bytes.ts";

/** gRPC calls link, as in Envoy, but there is nobody to answer them: no cluster here speaks gRPC. */
export const grpcFunctions = {
  proxy_grpc_call(scope: HostCallScope, servicePointer: number, serviceSize: number): Status {
    return refuse(scope, servicePointer, serviceSize);
  },
  proxy_grpc_stream(scope: HostCallScope, servicePointer: number, serviceSize: number): Status {
    return refuse(scope, servicePointer, serviceSize);
  },
  proxy_grpc_cancel(): Status {
    return Status.NotFound;
  },
  proxy_grpc_close(): Status {
    return Status.NotFound;
  },
  proxy_grpc_send(): Status {
    return Status.NotFound;
  },
};

function refuse(scope: HostCallScope, servicePointer: number, serviceSize: number): Status {
  const service = scope.memory.read(servicePointer, serviceSize);
  if (service === undefined) return Status.InvalidMemoryAccess;
  scope.note("service", service);
  return scope.services.clusters.has(toText(service)) ? Status.InternalFailure : Status.ParseFailure;
}
