import { describe, expect, it } from "vitest";
import { HeaderMap } from "../src/index.ts";

describe("a header map", () => {
  it("knows names without their case, and keeps them in lower case", () => {
    const map = new HeaderMap({ "X-Tenant": "acme" });
    expect(map.get("x-TENANT")).toBe("acme");
    expect(map.toObject()).toEqual({ "x-tenant": "acme" });
  });

  it("tells a missing header from an empty one", () => {
    const map = new HeaderMap({ "x-empty": "" });
    expect(map.get("x-empty")).toBe("");
    expect(map.get("x-missing")).toBeUndefined();
  });

  it("gives the first value of a repeated header, and all of them where asked", () => {
    const map = new HeaderMap([
      ["x-a", "1"],
      ["x-a", "2"],
    ]);
    expect(map.get("x-a")).toBe("1");
    expect(map.getAll("x-a")).toEqual(["1", "2"]);
    expect(map.size).toBe(2);
  });

  it("joins what is added to a header that Envoy keeps once", () => {
    const map = new HeaderMap([
      [":path", "/a"],
      [":path", "/b"],
      ["content-type", "a"],
      ["content-type", "b"],
    ]);
    expect(map.toObject()).toEqual({ ":path": "/a,/b", "content-type": "a,b" });
  });

  it("replaces every value of a header", () => {
    const map = new HeaderMap([
      ["x-a", "1"],
      ["x-b", "2"],
      ["x-a", "3"],
    ]);
    map.set("X-A", "4");
    expect([...map]).toEqual([
      ["x-b", "2"],
      ["x-a", "4"],
    ]);
  });

  it("knows :authority as host, too", () => {
    const map = new HeaderMap({ Host: "a.example" });
    expect(map.get(":authority")).toBe("a.example");
    map.remove("host");
    expect(map.size).toBe(0);
  });

  it("keeps pseudo-headers first", () => {
    const map = new HeaderMap({ ":path": "/", "x-a": "1" });
    map.set(":path", "/b");
    map.add(":method", "GET");
    expect([...map].map(([name]) => name)).toEqual([":path", ":method", "x-a"]);
  });

  it("keeps bytes that are not UTF-8 apart", () => {
    const map = new HeaderMap([["x-a", Uint8Array.of(0xe9)]]);
    expect(map.getBytes("x-a")).toEqual(Uint8Array.of(0xe9));
    expect(map.get("x-a")).toBe("é");
  });

  it("takes text as UTF-8", () => {
    expect(new HeaderMap({ "x-a": "é" }).getBytes("x-a")).toEqual(Uint8Array.of(0xc3, 0xa9));
  });

  it("counts the bytes of names and values", () => {
    expect(new HeaderMap({ "x-a": "é" }).byteSize).toBe(5);
  });
});
