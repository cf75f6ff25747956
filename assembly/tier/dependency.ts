import { Slice, equal } from "as-bytes/assembly";
import { TierConfig } from "../config/upstream-config";
import { Breaker } from "./breaker";

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

  /** `cluster`: its name. */
  constructor(readonly cluster: Slice) {}

  /** How many calls are out. */
  get inFlight(): i32 {
    return this.callsOut;
  }

  isBreakerOpen(limits: TierConfig): bool {
    return this.breaker.isOpen(limits.breaker);
  }

  /** Hears how a call ended that took no place, because somebody else bounds such calls. */
  heed(limits: TierConfig, health: Health, now: i64, wasProbe: bool = false): void {
    if (health == Health.Answering) this.breaker.succeeded();
    else if (health == Health.Failing) this.breaker.failed(limits.breaker, wasProbe, now);
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
    this.heed(limits, health, now, wasProbe);
  }
}

/** The clusters that one configuration asks, each once, whoever asks it. */
export class Dependencies {
  private all: Array<Dependency> = [];

  /** The one for a cluster. */
  to(cluster: Slice): Dependency {
    for (let i = 0; i < this.all.length; i++) {
      if (equal(this.all[i].cluster, cluster)) return this.all[i];
    }
    const dependency = new Dependency(cluster);
    this.all.push(dependency);
    return dependency;
  }
}
