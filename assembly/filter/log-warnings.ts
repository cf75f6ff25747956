import { Slice } from "as-bytes/assembly";
import { LogLevel, logBytes } from "as-proxy-wasm-sdk/assembly";
import { Warnings } from "../telemetry/warnings";

/** Writes warnings into the proxy's log. */
export class LogWarnings extends Warnings {
  protected write(line: Slice): void {
    logBytes(LogLevel.Warn, line);
  }
}
