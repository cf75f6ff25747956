import { describe, expect, it } from "vitest";
import { Scripted } from "./scripted.ts";

describe("a body", () => {
  it("is shown chunk by chunk while the filter continues", async () => {
    const filter = await Scripted.create({ response_body: ["body response"], response_body_end: ["body response"] });
    filter.get().respond({ chunks: ["one", "two", ""] });
    expect(filter.operations()).toEqual([
      "body response -> 0 'one'",
      "body response -> 0 'two'",
      "body response -> 0 ''",
    ]);
  });

  it("is shown whole while the filter buffers, and goes out in one piece", async () => {
    const filter = await Scripted.create({ response_body: ["return 1"], response_body_end: ["body response"] });
    const stream = filter.get().respond({ chunks: ["one", "two", ""] });
    expect(filter.log().filter((line) => line.includes("body"))).toEqual([
      "response_body 2 3 0",
      "response_body 2 6 0",
      "response_body 2 6 1",
      "body response -> 0 'onetwo'",
    ]);
    expect(stream.response?.chunks).toHaveLength(1);
    expect(stream.response?.text).toBe("onetwo");
  });

  it("is lost while the filter stops without buffering", async () => {
    const filter = await Scripted.create({ response_body: ["return 3"] });
    expect(filter.get().respond({ chunks: ["one", ""] }).response).toMatchObject({ text: "", complete: true });
  });

  it("can be read in part; what lies past its end is empty", async () => {
    const reads = ["body request 1 2", "body request 100 1", "body request 4294967295 2", "body_size request"];
    const filter = await Scripted.create({ request_body_end: reads });
    filter.post().sendRequestBody("hello");
    expect(filter.operations()).toEqual([
      "body request 1 2 -> 0 'el'",
      "body request 100 1 -> 0 ''",
      "body request 4294967295 2 -> 0 ''",
      "body_size request -> 0 5",
    ]);
  });

  it.each([
    ["replaced", "set_body request 0 99 new", "new", 0],
    ["begun", "set_body request 0 0 so-", "so-hello", 0],
    ["appended to", "set_body request 5 0 !", "hello!", 0],
    ["appended to from beyond its end", "set_body request 99 0 !", "hello!", 0],
    ["not changed in its middle", "set_body request 2 1 x", "hello", 2],
  ])("can be %s", async (_what, operation, expected, status) => {
    const filter = await Scripted.create({ request_body_end: [operation] });
    const stream = filter.post().sendRequestBody("hello");
    expect(filter.operations()).toEqual([`${operation} -> ${status}`]);
    expect(new TextDecoder().decode(stream.request.body)).toBe(expected);
  });

  it("that has not come yet is empty and cannot be changed", async () => {
    const filter = await Scripted.create({ request_headers: ["body request", "set_body request 0 0 x"] });
    filter.post();
    expect(filter.operations()).toEqual(["body request -> 0 ''", "set_body request 0 0 x -> 2"]);
  });

  it("can be given trailers in its last chunk, which this filter then does not see", async () => {
    const filter = await Scripted.create({ response_body_end: ["add response_trailers x-t 1"] });
    const stream = filter.get().respond({ body: "x" });
    expect(stream.response?.trailers?.get("x-t")).toBe("1");
    expect(stream.response?.complete).toBe(true);
    expect(filter.callbacks().some((line) => line.startsWith("response_trailers"))).toBe(false);
  });

  it("in a buffer that does not exist is a bad argument, in one that is not there not found", async () => {
    const filter = await Scripted.create({ configure: ["body 9", "body request", "body call", "body data"] });
    expect(filter.operations()).toEqual(["body 9 -> 2", "body request -> 1", "body call -> 1", "body data -> 0 ''"]);
  });
});

describe("a configuration", () => {
  it("can be read only while it is being applied", async () => {
    const filter = await Scripted.create(
      { configure: ["body vm", "body_size plugin"], tick: ["body plugin"] },
      { vmConfiguration: "v" },
    );
    const [vm, plugin] = filter.operations();
    expect(vm).toBe("body vm -> 0 'v'");
    expect(plugin).toBe(`body_size plugin -> 0 ${filter.plugin.configuration.length}`);
  });
});
