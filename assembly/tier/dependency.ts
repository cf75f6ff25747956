import { Slice, equal, textOf } from "as-bytes/assembly";
import { TierConfig } from "../config/upstream-config";
import { Warning, Warnings } from "../telemetry/warnings";
import { Breaker } from "./breaker";

/** What is said of a breaker. */
const OPEN: string = "it has failed too often in a row, its breaker is open";
const CLOSED: string = "it answers again, its breaker is closed";

/** Whether a call may be made. */
export enum Admission {
  /** It may. */
  Admitted,
  /** It may, to try whether the cluster is back. */
  Probe,
  /** Too many calls are out: `overload`. */
  Overloaded,
  /** The breaker is open: `unavailable`. */
  BreakerOpen,
}

/** What the end of a call tells of the cluster. */
export enum Health {
  /** Nothing: it ended here. */
  Unknown,
  /** It answers. */
  Answering,
  /** It does not answer, or not as such a cluster would. */
  Failing,
}

/**
 * A cluster that is asked over the network, and how much of it is going on. One that is slow or gone must cost a
 * bounded amount of memory here, and must not be asked more and more. Who calls brings the limits: two lookups may ask
 * one cluster under different ones.
 */
export class Dependency {
  private callsOut: i32 = 0;
  private breaker: Breaker = new Breaker();
  /** Whether a write is out that tries whether the cluster is back. */
  private isProbedByWrite: bool = false;
  /** When the next write may try. */
  private writeProbeAt: i64 = 0;
  /** The cluster's name, for people. */
  readonly name: string;

  constructor(
    /** Its name. */
    readonly cluster: Slice,
    /** Where a breaker that opens or closes is told of; null for nowhere. */
    private warnings: Warnings | null = null,
  ) {
    this.name = textOf(cluster);
  }

  /** How many calls are out. */
  get inFlight(): i32 {
    return this.callsOut;
  }

  /**
   * Whether calls would have been refused at some time from `since` on because the breaker is open. Once its time is over, the
   * next call may try: a gateway that is idle refuses nothing.
   */
  isRefusing(limits: TierConfig, since: i64): bool {
    return !this.breaker.permits(limits.breaker, since);
  }

  /**
   * Whether a write may be sent now: it takes no place from calls that requests wait for, and is bounded by its queue. While the
   * breaker is open one write at a time tries, too: nobody else may ask for long. What it learns is for all; a call that
   * requests wait for need not wait for it.
   */
  mayWrite(limits: TierConfig, now: i64): bool {
    if (!this.breaker.isOpen(limits.breaker)) return true;
    return !this.isProbedByWrite && now >= this.writeProbeAt && this.breaker.permits(limits.breaker, now);
  }

  /** A write that may be sent goes out; what this says is for `leaveWrite`. */
  enterWrite(limits: TierConfig): Admission {
    if (!this.breaker.isOpen(limits.breaker)) return Admission.Admitted;
    this.isProbedByWrite = true;
    return Admission.Probe;
  }

  /** A write, which `enterWrite` let out, has ended. */
  leaveWrite(limits: TierConfig, admission: Admission, health: Health, now: i64): void {
    const wasProbe = admission == Admission.Probe;
    if (wasProbe) {
      this.isProbedByWrite = false;
      // It is not known whether calls would be answered, and more writes would not tell either.
      if (health == Health.Unknown) this.writeProbeAt = now + limits.breaker.open;
    }
    this.heed(limits, health, wasProbe, now);
  }

  /** Asks for a place for one call at `now` (milliseconds). What is admitted has to `leave`. */
  enter(limits: TierConfig, now: i64): Admission {
    if (!this.breaker.permits(limits.breaker, now)) return Admission.BreakerOpen;
    if (this.callsOut >= limits.maxInFlight) return Admission.Overloaded;
    this.callsOut++;
    if (!this.breaker.isOpen(limits.breaker)) return Admission.Admitted;
    this.breaker.beginProbe();
    return Admission.Probe;
  }

  /** A call that was admitted, as `admission` says, is over. */
  leave(limits: TierConfig, admission: Admission, health: Health, now: i64): void {
    const wasProbe = admission == Admission.Probe;
    if (this.callsOut > 0) this.callsOut--;
    if (wasProbe) this.breaker.endProbe();
    this.heed(limits, health, wasProbe, now);
  }

  private heed(limits: TierConfig, health: Health, wasProbe: bool, now: i64): void {
    const wasOpen = this.breaker.isOpen(limits.breaker);
    if (health == Health.Answering) this.breaker.succeeded();
    else if (health == Health.Failing) this.breaker.failed(limits.breaker, wasProbe, now);
    const isOpen = this.breaker.isOpen(limits.breaker);
    const warnings = this.warnings;
    if (isOpen != wasOpen && warnings) warnings.raise(Warning.Breaker, this.name, isOpen ? OPEN : CLOSED, now);
  }
}

/** The clusters that one configuration asks, each once, whoever asks it. */
export class Dependencies {
  private all: Array<Dependency> = [];

  constructor(
    /** Where breakers that open or close are told of; null for nowhere. */
    private warnings: Warnings | null = null,
  ) {}

  /** The one for a cluster. */
  to(cluster: Slice): Dependency {
    for (let i = 0; i < this.all.length; i++) {
      if (equal(this.all[i].cluster, cluster)) return this.all[i];
    }
    const dependency = new Dependency(cluster, this.warnings);
    this.all.push(dependency);
    return dependency;
  }
}
