import { bufferFunctions } from "./buffers.ts";
import { contextFunctions } from "./contexts.ts";
import { grpcFunctions } from "./grpc.ts";
import { headerFunctions } from "./headers.ts";
import type { HostFunction, HostFunctions } from "./host-call-scope.ts";
import { httpCallFunctions } from "./http-call.ts";
import { logFunctions } from "./logging.ts";
import { metricFunctions } from "./metrics.ts";
import { propertyFunctions } from "./properties.ts";
import { sharedFunctions } from "./shared.ts";
import { Errno, Status } from "./status.ts";
import { streamFunctions } from "./streams.ts";
import { timeFunctions } from "./time.ts";
import { wasiFunctions } from "./wasi.ts";

const ENV: HostFunctions = {
  ...bufferFunctions,
  ...contextFunctions,
  ...grpcFunctions,
  ...headerFunctions,
  ...httpCallFunctions,
  ...logFunctions,
  ...metricFunctions,
  ...propertyFunctions,
  ...sharedFunctions,
  ...streamFunctions,
  ...timeFunctions,
};

/** The function behind an import that Envoy offers; what this host does not simulate says so by its status. */
export function hostFunction(module: string, name: string): HostFunction {
  if (module === "env") return ENV[name] ?? (() => Status.Unimplemented);
  return (wasiFunctions as HostFunctions)[name] ?? (() => Errno.NoSystemCall);
}
