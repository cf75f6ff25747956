import { ByteBuffer, Slice, lengthOf } from "as-bytes/assembly";
import { LookupConfig } from "../config/lookup-config";
import { Lookup } from "./lookup";
import { TierAnswer, Tier, failureName, tierName } from "../tier/outcome";

/** Tells step by step what lookups do, for whoever wants to know why a request went where it went. */
export abstract class LookupTrace {
  /** Whether anybody listens; without that, texts for it need not be built. */
  isWanted: bool = false;

  private line: ByteBuffer = new ByteBuffer();

  /** A lookup has been consulted; when it has no key, the report says why. */
  keyed(lookup: Lookup): void {
    const key = lookup.lastKey;
    if (lengthOf(key) > 0) this.write(this.begin(lookup.config).text("key=").bytes(key).view());
  }

  /** A tier has answered a lookup's question. */
  answered(lookup: LookupConfig, tier: Tier, answer: TierAnswer): void {
    const line = this.begin(lookup).text("tier=").text(tierName(tier)).text("; answer=");
    line.text(answer.isFailed ? failureName(answer.failure) : answer.isFound ? "found" : "miss");
    if (answer.reason.length > 0) line.text("; reason=").text(answer.reason);
    this.write(line.view());
  }

  /** A request is decided; `report` is what the debug header would say. */
  decided(report: Slice): void {
    this.write(this.line.clear().text("request: ").bytes(report).view());
  }

  protected abstract write(line: Slice): void;

  private begin(lookup: LookupConfig): ByteBuffer {
    return this.line.clear().text("lookup=").text(lookup.name).text("; ");
  }
}
