import { describe, expect, it } from "vitest";
import { Scripted } from "./scripted.ts";

const START = Date.UTC(2030, 5, 1);

describe("the clock", () => {
  it("stands still until it is moved, and moves wall and monotonic time alike", async () => {
    const filter = await Scripted.create(
      { request_headers: ["time", "clock 0", "clock 1", "clock 2"] },
      { startTime: START },
    );
    filter.get();
    filter.proxy.clock.advance(1.5);
    filter.get();
    expect(filter.operations()).toEqual([
      `time -> 0 ${START}000000`,
      `clock 0 -> 0 ${START}000000`,
      "clock 1 -> 0 3600000000000",
      "clock 2 -> 58 0",
      `time -> 0 ${START + 1}500000`,
      `clock 0 -> 0 ${START + 1}500000`,
      "clock 1 -> 0 3600001500000",
      "clock 2 -> 58 0",
    ]);
  });

  it("can have its wall time set, which nothing falls due by", async () => {
    const filter = await Scripted.create({ configure: ["tick 10"] }, { startTime: START });
    filter.log();
    filter.proxy.clock.stepWallTime(-1000);
    expect(filter.proxy.clock.now).toBe(START - 1000);
    expect(filter.callbacks()).toEqual([]);
  });

  it("does not go back", async () => {
    const { proxy } = await Scripted.create({});
    expect(() => {
      proxy.clock.advance(-1);
    }).toThrow("clock.advance(-1)");
  });

  it("fires ticks and time limits in order of time", async () => {
    const filter = await Scripted.create({ configure: ["tick 40", "call backend 100 /x"] });
    filter.log();
    filter.proxy.clock.advance(130);
    expect(filter.callbacks().map((line) => line.split(" ")[0])).toEqual([
      "tick",
      "tick",
      "http_call_response",
      "tick",
    ]);
  });
});

describe("a tick", () => {
  it("comes once per period, for the root that asked for it", async () => {
    const filter = await Scripted.create({ configure: ["tick 100"] });
    const other = filter.proxy.addPlugin({ rootId: "other", configuration: "configure: tick 250" });
    filter.log();
    // At 500 ms both are due: the one that was set first comes first.
    filter.proxy.clock.advance(500);
    expect(filter.callbacks()).toEqual(["tick 1", "tick 1", "tick 2", "tick 1", "tick 1", "tick 2", "tick 1"]);
    expect(other.rootContextId()).toBe(2);
  });

  it("can be set from a stream: it is the root's", async () => {
    const filter = await Scripted.create({ request_headers: ["tick 10"] });
    filter.get().respond();
    filter.log();
    filter.proxy.clock.advance(10);
    expect(filter.callbacks()).toEqual(["tick 1"]);
  });

  it("can be changed and stopped from within", async () => {
    const slower = await Scripted.create({ configure: ["tick 10"], tick: ["tick 50"] });
    slower.log();
    slower.proxy.clock.advance(100);
    expect(slower.callbacks()).toEqual(["tick 1", "tick 1"]);
    const stopped = await Scripted.create({ configure: ["tick 10"], tick: ["tick 0"] });
    stopped.log();
    stopped.proxy.clock.advance(100);
    expect(stopped.callbacks()).toEqual(["tick 1"]);
  });
});

describe("random bytes", () => {
  async function draw(seed: number): Promise<string[]> {
    return (await Scripted.create({ configure: ["random 4", "random 4"] }, { seed })).operations();
  }

  it("are the same in every run, and others with another seed", async () => {
    const first = await draw(7);
    expect(first[0]).not.toBe(first[1]);
    expect(await draw(7)).toEqual(first);
    expect(await draw(8)).not.toEqual(first);
  });

  it("come in at most 64 KiB", async () => {
    const filter = await Scripted.create({ configure: ["random 65537"] });
    expect(filter.operations()).toEqual(["random 65537 -> 28 0"]);
  });
});
