import { bufferFunctions } from "./buffers.ts";
import { contextFunctions } from "./contexts.ts";
import { grpcFunctions } from "./grpc.ts";
import { headerFunctions } from "./headers.ts";
import type { HostFunctions } from "./host-call-scope.ts";
import { httpCallFunctions } from "./http-call.ts";
import { logFunctions, logLevelFunctions } from "./logging.ts";
import { metricFunctions } from "./metrics.ts";
import { propertyFunctions } from "./properties.ts";
import { sharedFunctions } from "./shared.ts";
import { streamFunctions } from "./streams.ts";
import { timeFunctions } from "./time.ts";
import { wasiFunctions } from "./wasi.ts";

/** Everything Envoy offers a module of ABI 0.2.0; what is not here is a missing import. */
const ENV_0_2_0: HostFunctions = {
  ...bufferFunctions,
  ...contextFunctions,
  ...grpcFunctions,
  ...headerFunctions,
  ...httpCallFunctions,
  ...metricFunctions,
  ...propertyFunctions,
  ...sharedFunctions,
  ...streamFunctions,
  ...timeFunctions,
  ...logFunctions,
};

const ENV_0_2_1: HostFunctions = { ...ENV_0_2_0, ...logLevelFunctions };

/** The functions under an import module's name, undefined when there is no such module. */
export function hostFunctions(abiVersion: "0.2.0" | "0.2.1", module: string): HostFunctions | undefined {
  switch (module) {
    case "env":
      return abiVersion === "0.2.1" ? ENV_0_2_1 : ENV_0_2_0;
    case "wasi_snapshot_preview1":
    case "wasi_unstable":
      return wasiFunctions;
    default:
      return undefined;
  }
}
