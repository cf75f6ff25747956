import { Slice } from "as-bytes/assembly";
import { LogLevel, logBytes } from "as-proxy-wasm-sdk/assembly";
import { LookupTrace } from "../lookup/trace";

/** Writes the steps of lookups into the proxy's log, where its level is `trace`. */
export class LogTrace extends LookupTrace {
  protected write(line: Slice): void {
    logBytes(LogLevel.Trace, line);
  }
}
