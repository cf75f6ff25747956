import { describe, expect, it } from "vitest";
import { Scripted, scriptText } from "./scripted.ts";

describe("shared data", () => {
  it("is there for every VM, and set only against the right version", async () => {
    const filter = await Scripted.create({
      configure: ["shared_get k", "shared_set k one 0", "shared_get k", "shared_set k two 77", "shared_set new x 77"],
    });
    expect(filter.operations()).toEqual([
      "shared_get k -> 1",
      "shared_set k one 0 -> 0",
      "shared_get k -> 0 'one' 1",
      "shared_set k two 77 -> 8",
      // A key that is not there has no version to compare with.
      "shared_set new x 77 -> 0",
    ]);
    filter.proxy.addPlugin({ rootId: "other", configuration: scriptText({ configure: ["shared_set k two 1"] }) });
    expect(filter.operations()).toEqual(["shared_set k two 1 -> 0"]);
  });

  it("is shared by workers", async () => {
    const filter = await Scripted.create({ request_headers: ["shared_get k", "shared_set k v 0"] }, { workers: 2 });
    filter.plugin.openStream({ worker: 0 }).sendRequestHeaders({});
    filter.plugin.openStream({ worker: 1 }).sendRequestHeaders({});
    expect(filter.operations()).toEqual([
      "shared_get k -> 1",
      "shared_set k v 0 -> 0",
      "shared_get k -> 0 'v' 1",
      "shared_set k v 0 -> 0",
    ]);
  });
});

describe("a shared queue", () => {
  it("tells the root that registered it, once the sender is done", async () => {
    const filter = await Scripted.create(
      {
        configure: ["queue q", "resolve - q", "resolve mine q", "resolve - none", "enqueue 9 x", "dequeue 1"],
        request_headers: ["enqueue 1 item", "say -> sent"],
        queue_ready: ["dequeue 1", "dequeue 1"],
      },
      { vmId: "mine" },
    );
    expect(filter.operations()).toEqual([
      "queue q -> 0 1",
      "resolve - q -> 0 1",
      "resolve mine q -> 0 1",
      "resolve - none -> 1 0",
      "enqueue 9 x -> 1",
      "dequeue 1 -> 7",
    ]);
    filter.get();
    expect(filter.log().slice(2)).toEqual([
      "enqueue 1 item -> 0",
      "-> sent",
      "queue_ready 1 1",
      "dequeue 1 -> 0 'item'",
      "dequeue 1 -> 7",
    ]);
  });
});

describe("metrics", () => {
  it("have ids of their own per VM and definition, and one value per name", async () => {
    const filter = await Scripted.create(
      {
        configure: ["metric 0 c", "metric 0 c", "metric 1 g", "metric 2 h", "metric 3 x"],
        request_headers: [
          "increment 4 2",
          "increment 8 3",
          "record 5 7",
          "increment 5 -2",
          "record 6 11",
          "record 6 12",
        ],
      },
      { workers: 2 },
    );
    expect(filter.operations().slice(0, 5)).toEqual([
      "metric 0 c -> 0 4",
      "metric 0 c -> 0 8",
      "metric 1 g -> 0 5",
      "metric 2 h -> 0 6",
      "metric 3 x -> 2 0",
    ]);
    filter.plugin.openStream({ worker: 1 }).sendRequestHeaders({});
    const { metrics } = filter.proxy;
    expect(metrics.names).toEqual(["c", "g", "h"]);
    expect(metrics.toObject()).toEqual({ c: 5, g: 5 });
    expect(metrics.recorded("h")).toEqual([11, 12]);
    expect(metrics.value("missing")).toBeUndefined();
  });

  it("refuse what Envoy refuses", async () => {
    const operations = [
      "metric 0 c",
      "metric 2 h",
      "increment 4 0",
      "record 4 2",
      "metric_value 4",
      "metric_value 6",
      "increment 6 1",
    ];
    const filter = await Scripted.create({ configure: [...operations, "increment 1000 1", "increment 999 1"] });
    expect(filter.operations().slice(2)).toEqual([
      "increment 4 0 -> 2",
      // Recording adds to a counter.
      "record 4 2 -> 0",
      "metric_value 4 -> 0 2",
      "metric_value 6 -> 2 0",
      "increment 6 1 -> 2",
      "increment 1000 1 -> 1",
      "increment 999 1 -> 2",
    ]);
  });
});
