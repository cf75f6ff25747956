import { ByteBuffer, Slice } from "as-bytes/assembly";
import { LogLevel, logBytes, logEnabled } from "as-proxy-wasm-sdk/assembly";
import { ShadowComparison } from "../lookup/shadow";
import { ClientRequest } from "../request/client-request";
import { now } from "./clock";
import { CounterPart } from "./metrics";

/** So many differences are logged in a second, per worker: a log must not cost more than the requests it tells of. */
const MOST_A_SECOND: i32 = 20;

const SECOND: i64 = 1000;

/** Shadow mode's only effects: it counts what would have been different, and logs it. */
export class ShadowLog {
  private same: u64 = 0;
  private different: u64 = 0;
  private sameCounter: CounterPart = new CounterPart("shadow.same", 0);
  private differentCounter: CounterPart = new CounterPart("shadow.different", 0);
  private comparison: ShadowComparison = new ShadowComparison();
  private line: ByteBuffer = new ByteBuffer();
  private second: i64 = 0;
  private logged: i32 = 0;
  private unlogged: i32 = 0;

  /** The lookups have decided on `changes` for a request; `report` says how they came to it. */
  decided(changes: Slice, report: Slice, request: ClientRequest, owned: Array<Slice>): void {
    const line = this.line.clear().text("shadow: ");
    if (!this.comparison.append(line, changes, request, owned)) {
      this.same++;
      return;
    }
    this.different++;
    if (!logEnabled(LogLevel.Info) || !this.mayLog()) return;
    line.text(" (").bytes(report).text(")");
    if (this.unlogged > 0) line.text("; not logged before: ").decimal(this.unlogged);
    this.unlogged = 0;
    logBytes(LogLevel.Info, line.view());
  }

  sendMetrics(): void {
    this.sameCounter.set(this.same);
    this.differentCounter.set(this.different);
  }

  private mayLog(): bool {
    const second = now() / SECOND;
    if (second != this.second) {
      this.second = second;
      this.logged = 0;
    }
    if (this.logged < MOST_A_SECOND) {
      this.logged++;
      return true;
    }
    this.unlogged++;
    return false;
  }
}
