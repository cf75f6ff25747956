import { Tier, tierName } from "../tier/outcome";
import { Passage } from "./passage";

/** Says on the passage what each lookup did, for the debug header. Costs nothing when nobody asked for it. */
export class Report {
  /** `wanted`: whether anybody reads it; without that, texts for it need not be built either. */
  constructor(public wanted: bool) {}

  /** `age` is in milliseconds, -1 when there is none to tell; an empty `reason` is left out. */
  add(passage: Passage, lookup: string, tier: Tier, age: i64, reason: string): void {
    if (!this.wanted) return;
    const text = passage.report;
    if (text.length > 0) text.text(", ");
    text.text("lookup=").text(lookup).text("; tier=").text(tierName(tier));
    if (age >= 0) text.text("; age=").decimal(age / 1000);
    if (reason.length > 0) text.text("; reason=").text(reason);
  }
}
