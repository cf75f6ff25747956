import { describe, expect, it } from "vitest";
import { Scripted, scriptText } from "./scripted.ts";

describe("properties", () => {
  it("tell about the plugin", async () => {
    const names = ["plugin_name", "plugin_root_id", "plugin_vm_id"].map((name) => `property ${name}`);
    const filter = await Scripted.create({ configure: names }, { vmId: "vm" });
    expect(filter.operations()).toEqual([
      "property plugin_name -> 0 'root'",
      "property plugin_root_id -> 0 'root'",
      "property plugin_vm_id -> 0 'vm'",
    ]);
  });

  it("tell about the request as it is now, and about the response when there is one", async () => {
    const paths = ["request/path", "request/url_path", "request/query", "request/headers/x-a", "request/none", "none"];
    const filter = await Scripted.create({
      request_headers: [
        "set request :path /new?q=1",
        ...paths.map((path) => `property ${path}`),
        "property response/code",
      ],
      log: ["property response/headers/x-b"],
    });
    filter.get("/old", { "x-a": "1" }).respond({ headers: { "x-b": "2" } });
    expect(filter.operations().slice(1)).toEqual([
      "property request/path -> 0 '/new?q=1'",
      "property request/url_path -> 0 '/new'",
      "property request/query -> 0 'q=1'",
      "property request/headers/x-a -> 0 '1'",
      "property request/none -> 1",
      "property none -> 1",
      "property response/code -> 1",
      "property response/headers/x-b -> 0 '2'",
    ]);
  });

  it("are what the test sets besides", async () => {
    const paths = ["source/address", "metadata/filter_metadata/a.b/c", "flag"];
    const filter = await Scripted.create({ request_headers: paths.map((path) => `property ${path}`) });
    const properties = {
      source: { address: "10.0.0.1:1" },
      metadata: { filter_metadata: { "a.b": { c: "d" } } },
      flag: "x",
    };
    filter.plugin.openStream({ properties }).sendRequestHeaders({});
    expect(filter.operations()).toEqual([
      "property source/address -> 0 '10.0.0.1:1'",
      "property metadata/filter_metadata/a.b/c -> 0 'd'",
      "property flag -> 0 'x'",
    ]);
  });

  it("come as bytes: integers and doubles in 8, booleans in one, maps as pairs", async () => {
    const filter = await Scripted.create({ request_headers: ["n", "d", "b", "m"].map((name) => `property ${name}`) });
    filter.plugin.openStream({ properties: { n: 258n, d: 1, b: true, m: { a: "b" } } }).sendRequestHeaders({});
    const values = filter.proxy.hostCalls
      .filter(({ name }) => name === "proxy_get_property")
      .map((call) => call.arguments);
    expect(values.map(({ value }) => value)).toEqual([
      "\x02\x01\0\0\0\0\0\0",
      "\0\0\0\0\0\0\xf0?",
      "\x01",
      "\x01\0\0\0\x01\0\0\0\x01\0\0\0a\0b\0",
    ]);
  });

  it("without a path cannot be serialised", async () => {
    const filter = await Scripted.create({ configure: ["property -"] });
    expect(filter.operations()).toEqual(["property - -> 3"]);
  });
});

describe("filter state", () => {
  it("is what a filter sets on its stream, for every later filter of that stream and no other", async () => {
    const first = await Scripted.create({ request_headers: ["set_property signpost.route found"] });
    const reads = ["property signpost.route", "property filter_state/wasm.signpost.route"];
    const second = first.proxy.addPlugin({ rootId: "second", configuration: scriptText({ request_headers: reads }) });
    first.proxy.openStream([first.plugin, second]).sendRequestHeaders({});
    second.openStream().sendRequestHeaders({});
    expect(first.operations()).toEqual([
      "set_property signpost.route found -> 0",
      "property signpost.route -> 0 'found'",
      "property filter_state/wasm.signpost.route -> 0 'found'",
      "property signpost.route -> 1",
      "property filter_state/wasm.signpost.route -> 1",
    ]);
  });

  it("under a path of several parts cannot be read back", async () => {
    const filter = await Scripted.create({ request_headers: ["set_property a/b c", "property a/b"] });
    filter.get();
    expect(filter.operations()).toEqual(["set_property a/b c -> 0", "property a/b -> 1"]);
  });

  it("that its first filter has declared read-only stays as it was set", async () => {
    const first = await Scripted.create({
      configure: ["declare a", "declare a"],
      request_headers: ["set_property a one", "set_property a two"],
    });
    const then = { request_headers: ["set_property a three", "property a"] };
    const second = first.proxy.addPlugin({ rootId: "second", configuration: scriptText(then) });
    first.proxy.openStream([first.plugin, second]).sendRequestHeaders({});
    second.openStream().sendRequestHeaders({});
    expect(first.operations()).toEqual([
      "declare a -> 0",
      "declare a -> 2",
      "set_property a one -> 0",
      "set_property a two -> 2",
      "set_property a three -> 2",
      "property a -> 0 'one'",
      // Who did not declare it, and sets it first, may change it.
      "set_property a three -> 0",
      "property a -> 0 'three'",
    ]);
  });

  it("needs a stream", async () => {
    const filter = await Scripted.create({ configure: ["set_property a b"] });
    expect(filter.operations()).toEqual(["set_property a b -> 1"]);
  });
});
