import { describe, expect, it } from "vitest";
import { type Script, Scripted, scriptText } from "./scripted.ts";

const naming = (name: string): Script => ({ request_headers: [`set request x-served-by ${name}`] });

function servedBy(filter: Scripted): string | undefined {
  return filter.get().request.headers.get("x-served-by");
}

describe("a plugin", () => {
  it("is created, started and configured in every VM, on the main thread, too", async () => {
    const filter = await Scripted.create({ configure: ["return 1"] }, { workers: 2, mainThread: true });
    expect(filter.plugin.configured).toBe(true);
    const started = filter.proxy.logs.map(({ vm, message }) => `${vm} ${message}`);
    const steps = ["create 1 of 0", "vm_start 1", "configure 1"];
    expect(started).toEqual([0, 1, "main"].flatMap((vm) => steps.map((step) => `${vm} ${step}`)));
  });

  it("starts the VM once more for its own root", async () => {
    const filter = await Scripted.create({});
    filter.proxy.addPlugin({ rootId: "second", configuration: "" });
    expect(filter.callbacks()).toEqual(["create 2 of 0", "vm_start 2", "configure 2"]);
  });

  it("shares the root of a plugin with the same settings", async () => {
    const filter = await Scripted.create(naming("both"));
    const twin = filter.proxy.addPlugin({ rootId: "root", configuration: scriptText(naming("both")) });
    expect(filter.callbacks()).toEqual([]);
    filter.plugin.remove();
    expect(filter.callbacks()).toEqual([]);
    twin.remove();
    expect(filter.callbacks()).toEqual(["done 1", "delete 1"]);
  });

  it("that the module refuses is not configured, and its streams get 503", async () => {
    const filter = await Scripted.create({ configure: ["return 0"] });
    expect(filter.plugin.configured).toBe(false);
    expect(filter.callbacks().slice(-2)).toEqual(["done 1", "delete 1"]);
    const stream = filter.get();
    expect(stream.response).toMatchObject({ status: 503, text: "" });
    expect(stream.localReply?.details).toBe("wasm_fail_stream");
  });

  it("is not configured either when the VM does not start", async () => {
    const filter = await Scripted.create({}, { vmConfiguration: "refuse" });
    expect(filter.plugin.configured).toBe(false);
  });
});

describe("an update", () => {
  it("takes the new streams, while the old ones end under the old configuration", async () => {
    const filter = await Scripted.create({ ...naming("old"), response_headers: ["set response x-old 1"] });
    const old = filter.get();
    expect(filter.plugin.update(scriptText(naming("new")))).toBe(true);
    expect(servedBy(filter)).toBe("new");
    old.respond();
    expect(old.response?.headers.get("x-old")).toBe("1");
  });

  it("ends the old root when its last stream has gone", async () => {
    const filter = await Scripted.create(naming("old"));
    const [first, second] = [filter.get(), filter.get()];
    filter.plugin.update(scriptText(naming("new")));
    filter.log();
    first.respond();
    expect(filter.callbacks()).not.toContain("done 1");
    second.respond();
    expect(filter.callbacks().slice(-4)).toEqual(["done 3", "delete 3", "done 1", "delete 1"]);
    expect(filter.plugin.rootContextId()).toBe(4);
  });

  it("that is refused changes nothing", async () => {
    const filter = await Scripted.create(naming("old"));
    expect(filter.plugin.update(scriptText({ configure: ["return 0"] }))).toBe(false);
    expect(filter.plugin).toMatchObject({ configured: true, configuration: scriptText(naming("old")) });
    expect(servedBy(filter)).toBe("old");
  });

  it("ends the calls and ticks of the old root", async () => {
    const filter = await Scripted.create({ configure: ["tick 10", "call backend 0 /x"] });
    const call = filter.proxy.calls[0];
    filter.plugin.update(scriptText({}));
    expect(call?.state).toBe("cancelled");
    filter.log();
    filter.proxy.clock.advance(100);
    expect(filter.callbacks()).toEqual([]);
  });
});

describe("a removed plugin", () => {
  it("takes no streams, and its root ends when its streams have", async () => {
    const filter = await Scripted.create({});
    const stream = filter.get();
    filter.plugin.remove();
    expect(filter.get().response?.status).toBe(503);
    filter.log();
    stream.respond();
    expect(filter.callbacks().slice(-2)).toEqual(["done 1", "delete 1"]);
    expect(filter.proxy.vm(0).liveContexts).toBe(0);
  });

  it("can ask for time until it says that it is done", async () => {
    const filter = await Scripted.create({
      configure: ["tick 10"],
      done: ["done", "return 0"],
      tick: ["done", "done"],
    });
    filter.plugin.remove();
    expect(filter.log().slice(-2)).toEqual(["done 1", "done -> 1"]);
    expect(filter.proxy.vm(0).liveContexts).toBe(1);
    filter.proxy.clock.advance(10);
    expect(filter.log()).toEqual(["tick 1", "done -> 0", "done -> 1", "delete 1"]);
    expect(filter.proxy.vm(0).liveContexts).toBe(0);
  });

  it("cannot be updated", async () => {
    const filter = await Scripted.create({});
    filter.plugin.remove();
    expect(() => filter.plugin.update("")).toThrow("plugin root has been removed");
  });
});
