import { ByteBuffer, Slice } from "as-bytes/assembly";
import { LogLevel, logBytes } from "as-proxy-wasm-sdk/assembly";
import { Warning } from "../telemetry/warnings";
import { BREAKER_OPEN, TierAnswer } from "../tier/outcome";
import { Dependency } from "../tier/dependency";
import { now } from "./clock";
import { vmWarnings } from "./vm";

const line = new ByteBuffer();

/** Tells of a call that a cluster did not answer as it should. */
export function warnOfFailure(dependency: Dependency, answer: TierAnswer): void {
  // What made the breaker open has been told.
  if (answer.reason == BREAKER_OPEN) return;
  vmWarnings().raise(Warning.Unanswered, dependency.name, answer.reason, now(), answer.reason);
}

/** Says whose record is no good, each time: a key may tell who the client is, so only where somebody debugs. */
export function logBadRecord(lookup: string, tier: string, key: Slice, reason: string): void {
  line.clear().text("lookup ").text(lookup).text(" (").text(tier).text("): no valid record under ").bytes(key);
  line.text(": ").text(reason);
  logBytes(LogLevel.Debug, line.view());
  line.shrink(4096);
}
