import { describe, expect, it } from "vitest";
import { UnitModule } from "../support/unit-module.ts";

const unit = new UnitModule();
const fn = {
  make: unit.function("newDependency", [], "object"),
  enter: unit.function("dependencyEnter", ["object", "i32", "i32", "i64", "i64"], "i32"),
  leave: unit.function("dependencyLeave", ["object", "i32", "i64", "i32", "i32", "i64"], "void"),
  inFlight: unit.function("dependencyInFlight", ["object"], "i32"),
  isRefusing: unit.function("dependencyIsRefusing", ["object", "i32", "i64", "i64"], "bool"),
  enterWrite: unit.function("dependencyEnterWrite", ["object", "i32", "i64", "i64"], "i32"),
  leaveWrite: unit.function("dependencyLeaveWrite", ["object", "i32", "i64", "i32", "i32", "i64"], "void"),
  shares: unit.function("shareDependency", ["bytes", "bytes"], "bool"),
};

const ADMISSIONS = ["admitted", "probe", "overloaded", "breaker open"] as const;
const HEALTHS = ["unknown", "answering", "failing"] as const;
type Admission = (typeof ADMISSIONS)[number];
type Health = (typeof HEALTHS)[number];

/** A cluster, and one caller's limits for it; times are milliseconds. */
class Cluster {
  now = 1_000_000;
  private readonly handle = fn.make();

  constructor(private readonly limits: { maxInFlight?: number; failures?: number; open?: number } = {}) {}

  get inFlight(): number {
    return fn.inFlight(this.handle);
  }

  get isRefusing(): boolean {
    const { failures = 3, open = 1000 } = this.limits;
    return fn.isRefusing(this.handle, failures, BigInt(open), BigInt(this.now));
  }

  enter(limits = this.limits): Admission | undefined {
    const { maxInFlight = 10, failures = 3, open = 1000 } = limits;
    return ADMISSIONS[fn.enter(this.handle, maxInFlight, failures, BigInt(open), BigInt(this.now))];
  }

  leave(health: Health, admission: Admission = "admitted"): void {
    const { failures = 3, open = 1000 } = this.limits;
    const [admitted, told] = [ADMISSIONS.indexOf(admission), HEALTHS.indexOf(health)];
    fn.leave(this.handle, failures, BigInt(open), admitted, told, BigInt(this.now));
  }

  enterWrite(): Admission | undefined {
    const { failures = 3, open = 1000 } = this.limits;
    return ADMISSIONS[fn.enterWrite(this.handle, failures, BigInt(open), BigInt(this.now))];
  }

  leaveWrite(health: Health, admission: Admission): void {
    const { failures = 3, open = 1000 } = this.limits;
    const [admitted, told] = [ADMISSIONS.indexOf(admission), HEALTHS.indexOf(health)];
    fn.leaveWrite(this.handle, failures, BigInt(open), admitted, told, BigInt(this.now));
  }

  /** Makes calls that all end the same way. */
  call(times: number, health: Health): void {
    for (let i = 0; i < times; i++) {
      this.enter();
      this.leave(health);
    }
  }
}

function enterTimes(cluster: Cluster, times: number): (Admission | undefined)[] {
  return Array.from({ length: times }, () => cluster.enter());
}

describe("a cluster", () => {
  it("takes as many calls at a time as are allowed, and no more", () => {
    const cluster = new Cluster({ maxInFlight: 2 });
    expect(enterTimes(cluster, 4)).toEqual(["admitted", "admitted", "overloaded", "overloaded"]);
    expect(cluster.inFlight).toBe(2);
  });

  it("takes another call for each that is over", () => {
    const cluster = new Cluster({ maxInFlight: 2 });
    enterTimes(cluster, 3);
    cluster.leave("answering");
    expect([cluster.inFlight, ...enterTimes(cluster, 2)]).toEqual([1, "admitted", "overloaded"]);
  });

  it("takes none where none is allowed", () => {
    expect(enterTimes(new Cluster({ maxInFlight: 0 }), 2)).toEqual(["overloaded", "overloaded"]);
  });

  it("has no more places than allowed, however often one is given back", () => {
    const cluster = new Cluster({ maxInFlight: 1 });
    cluster.leave("answering");
    cluster.leave("answering");
    expect([cluster.inFlight, ...enterTimes(cluster, 2)]).toEqual([0, "admitted", "overloaded"]);
  });

  it("counts calls together for all who call it, each under limits of its own", () => {
    const cluster = new Cluster({ maxInFlight: 2 });
    enterTimes(cluster, 2);
    expect(cluster.enter({ maxInFlight: 3 })).toBe("admitted");
    expect(cluster.enter({ maxInFlight: 2 })).toBe("overloaded");
  });

  it("is known by its name", () => {
    expect([fn.shares("webdis", "webdis"), fn.shares("webdis", "routing")]).toEqual([true, false]);
  });
});

describe("a breaker", () => {
  it("opens after so many failures in a row", () => {
    const cluster = new Cluster();
    cluster.call(2, "failing");
    expect([cluster.isRefusing, cluster.enter()]).toEqual([false, "admitted"]);
    cluster.leave("failing");
    expect([cluster.isRefusing, cluster.enter(), cluster.inFlight]).toEqual([true, "breaker open", 0]);
  });

  it("does not count failures with an answer between them", () => {
    const cluster = new Cluster();
    for (let i = 0; i < 5; i++) {
      cluster.call(2, "failing");
      cluster.call(1, "answering");
    }
    expect(cluster.isRefusing).toBe(false);
  });

  it("is not moved by calls that tell nothing", () => {
    const cluster = new Cluster();
    cluster.call(2, "failing");
    cluster.call(5, "unknown");
    expect(cluster.isRefusing).toBe(false);
    cluster.call(1, "failing");
    expect(cluster.isRefusing).toBe(true);
  });

  it("lets one call try when it has been open for long enough, and only one", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 999;
    expect(cluster.enter()).toBe("breaker open");
    cluster.now += 1;
    expect(enterTimes(cluster, 3)).toEqual(["probe", "breaker open", "breaker open"]);
  });

  it("closes when the probe is answered", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 1000;
    cluster.enter();
    cluster.leave("answering", "probe");
    expect([cluster.isRefusing, ...enterTimes(cluster, 2)]).toEqual([false, "admitted", "admitted"]);
  });

  it("stays open for as long again when the probe fails", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 1000;
    cluster.enter();
    cluster.now += 50;
    cluster.leave("failing", "probe");
    cluster.now += 999;
    expect(cluster.enter()).toBe("breaker open");
    cluster.now += 1;
    expect(cluster.enter()).toBe("probe");
  });

  it("lets another one try when the probe told nothing", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 1000;
    cluster.enter();
    cluster.leave("unknown", "probe");
    expect(cluster.enter()).toBe("probe");
  });

  it("is not kept open by calls that were out when it opened", () => {
    const cluster = new Cluster();
    enterTimes(cluster, 6);
    for (let i = 0; i < 3; i++) cluster.leave("failing");
    cluster.now += 900;
    for (let i = 0; i < 3; i++) cluster.leave("failing");
    cluster.now += 100;
    expect(cluster.enter()).toBe("probe");
  });

  it("says that it is open, and not that too much is going on", () => {
    const cluster = new Cluster({ maxInFlight: 4 });
    enterTimes(cluster, 4);
    for (let i = 0; i < 3; i++) cluster.leave("failing");
    enterTimes(cluster, 3);
    expect(cluster.enter()).toBe("breaker open");
  });

  it("opens for each caller after as many failures as it takes", () => {
    const cluster = new Cluster({ failures: 5 });
    cluster.call(3, "failing");
    expect([cluster.enter(), cluster.enter({ failures: 2 })]).toEqual(["admitted", "breaker open"]);
  });
});

describe("a breaker that nobody asks through", () => {
  it("refuses calls only as long as it has to: once its time is over the next one would try", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    expect(cluster.isRefusing).toBe(true);
    cluster.now += 1000;
    expect(cluster.isRefusing).toBe(false);
    cluster.enter();
    expect(cluster.isRefusing).toBe(true);
  });

  it("lets one write try when its time is over, and closes when that is taken", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 999;
    expect(cluster.enterWrite()).toBe("breaker open");
    cluster.now += 1;
    expect([cluster.enterWrite(), cluster.enterWrite()]).toEqual(["probe", "breaker open"]);
    cluster.leaveWrite("answering", "probe");
    expect([cluster.enterWrite(), cluster.enterWrite(), cluster.enter()]).toEqual(["admitted", "admitted", "admitted"]);
  });

  it("stays open for as long again when the write fails", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 1000;
    cluster.enterWrite();
    cluster.now += 500;
    cluster.leaveWrite("failing", "probe");
    cluster.now += 999;
    expect([cluster.isRefusing, cluster.enterWrite()]).toEqual([true, "breaker open"]);
    cluster.now += 1;
    expect(cluster.enterWrite()).toBe("probe");
  });

  it("keeps no call that a request waits for from trying because a write does", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 1000;
    expect([cluster.enterWrite(), cluster.enter()]).toEqual(["probe", "probe"]);
  });

  it("lets no more writes try for a while when one was rejected, which tells nothing of calls", () => {
    const cluster = new Cluster();
    cluster.call(3, "failing");
    cluster.now += 1000;
    cluster.enterWrite();
    cluster.leaveWrite("unknown", "probe");
    expect([cluster.enterWrite(), cluster.isRefusing, cluster.enter()]).toEqual(["breaker open", false, "probe"]);
    cluster.leave("unknown", "probe");
    cluster.now += 1000;
    expect(cluster.enterWrite()).toBe("probe");
  });
});
