import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMPILE_TIME } from "./compile.ts";
import { Parts } from "./parts.ts";

const ONE_PAIR = new TextEncoder().encode("\u0001\0\0\0\u0001\0\0\0\u0001\0\0\0a\0b\0");

let parts: Parts;

beforeAll(async () => {
  parts = await Parts.load();
}, COMPILE_TIME);

beforeEach(() => {
  parts.wasm.resetArena();
});

function read(): void {
  expect(parts.wasm.parse(parts.give(ONE_PAIR), ONE_PAIR.length)).not.toBe(0);
  expect(parts.wasm.count()).toBe(1);
}

describe("a reader that was filled before a mark was taken", () => {
  it("is good within the mark and after its release", () => {
    read();
    parts.wasm.takeMark(0);
    expect(parts.wasm.count()).toBe(1);
    parts.wasm.releaseMark(0);
    expect(parts.wasm.count()).toBe(1);
  });

  it("is good through any number of marks, one after the other and within each other", () => {
    read();
    for (let i = 0; i < 3; i++) {
      parts.wasm.takeMark(0);
      parts.wasm.takeMark(1);
      parts.give(ONE_PAIR);
      expect(parts.wasm.count()).toBe(1);
      parts.wasm.releaseMark(1);
      parts.wasm.releaseMark(0);
    }
    expect(parts.wasm.count()).toBe(1);
    expect(parts.bytes(parts.wasm.name(0))).toEqual(new TextEncoder().encode("a"));
  });

  it("is empty once the callback has returned", () => {
    read();
    parts.wasm.takeMark(0);
    parts.wasm.resetArena();
    expect(parts.wasm.count()).toBe(0);
  });
});

describe("a reader that was filled after a mark was taken", () => {
  it("is empty after the release, and stays so", () => {
    parts.wasm.takeMark(0);
    read();
    parts.wasm.releaseMark(0);
    expect(parts.wasm.count()).toBe(0);
    parts.wasm.takeMark(0);
    expect(parts.wasm.count()).toBe(0);
  });

  it("outlives a mark within that one", () => {
    parts.wasm.takeMark(0);
    read();
    parts.wasm.takeMark(1);
    parts.wasm.releaseMark(1);
    expect(parts.wasm.count()).toBe(1);
  });

  it("is empty when the mark around it is released, with the marks within", () => {
    parts.wasm.takeMark(0);
    parts.wasm.takeMark(1);
    read();
    parts.wasm.releaseMark(0);
    expect(parts.wasm.count()).toBe(0);
    parts.wasm.releaseMark(1);
    read();
  });
});

describe("a mark", () => {
  it("gives back what was allocated after it, and nothing before", () => {
    const before = parts.wasm.arenaAllocate(8);
    parts.wasm.takeMark(0);
    const after = parts.wasm.arenaAllocate(8);
    parts.wasm.releaseMark(0);
    expect(parts.wasm.arenaAllocate(8)).toBe(after);
    expect(after).toBeGreaterThan(before);
  });

  it("of an earlier callback, or that nobody took, releases nothing", () => {
    parts.wasm.arenaAllocate(60_000);
    parts.wasm.arenaAllocate(60_000);
    parts.wasm.takeMark(0);
    parts.wasm.resetArena();
    const held = parts.wasm.arenaAllocate(8);
    parts.wasm.releaseMark(0);
    parts.wasm.releaseMark(1);
    expect(parts.wasm.arenaAllocate(8)).toBe(held + 8);
  });
});
