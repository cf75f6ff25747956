import { beforeAll, describe, expect, it } from "vitest";
import { ProxyHost } from "../src/index.ts";
import { COMPILE_TIME, compileSource } from "./compile.ts";

const ABI = "export function proxy_abi_version_0_2_1(): void {}";
const MALLOC = "export function malloc(size: usize): usize { return heap.alloc(size); }";

async function load(...source: string[]): Promise<ProxyHost> {
  return ProxyHost.create({ module: await compileSource(source.join("\n")) });
}

describe("a module does not load", () => {
  it("when it imports what Envoy does not offer", async () => {
    const source = `@external("env", "proxy_clear_route_cache") declare function clear(): u32;
      export function proxy_on_tick(id: u32): void { clear(); }`;
    await expect(load(ABI, MALLOC, source)).rejects.toThrow("missing import: env.proxy_clear_route_cache");
  });

  it("when it imports a function with another type", async () => {
    const source = `@external("env", "proxy_increment_metric") declare function increment(id: u32, by: u32): u32;
      export function proxy_on_tick(id: u32): void { increment(1, 1); }`;
    await expect(load(ABI, MALLOC, source)).rejects.toThrow(
      "import type mismatch: env.proxy_increment_metric, want: i32 i32 -> i32, but host exports: i32 i64 -> i32",
    );
  });

  it("when it imports what only a later ABI has", async () => {
    const source = `export function proxy_abi_version_0_2_0(): void {}
      @external("env", "proxy_get_log_level") declare function level(at: usize): u32;
      export function proxy_on_tick(id: u32): void { level(64); }`;
    await expect(load(MALLOC, source)).rejects.toThrow("missing import: env.proxy_get_log_level");
  });

  it("without the marker of its ABI version", async () => {
    await expect(load(MALLOC)).rejects.toThrow("Missing or unknown Proxy-Wasm ABI version");
  });

  it("without an allocator", async () => {
    await expect(load(ABI)).rejects.toThrow("exports neither malloc nor proxy_on_memory_allocate");
  });

  it("when it calls the host while it initialises, but to log", async () => {
    const source = `@external("env", "proxy_get_current_time_nanoseconds") declare function time(at: usize): u32;
      time(64);`;
    await expect(load(ABI, MALLOC, source)).rejects.toThrow(
      "restricted_callback: env.proxy_get_current_time_nanoseconds cannot be called while the module starts",
    );
  });

  it("when it traps, with what it has said itself", async () => {
    const source = `@external("env", "proxy_log") declare function log(level: u32, text: usize, size: usize): u32;
      const text = String.UTF8.encode("no room for the table");
      log(4, changetype<usize>(text), text.byteLength);
      unreachable();`;
    await expect(load(ABI, MALLOC, source)).rejects.toThrow(/_initialize failed.*\n {2}error: no room for the table/);
  });

  it("when it calls the host before it is there: Envoy would crash", async () => {
    const source = `@external("env", "proxy_log") declare function log(level: u32, text: usize, size: usize): u32;
      log(2, 0, 0);`;
    const module = compileSource([ABI, MALLOC, source].join("\n"), { exportStart: false });
    await expect(module.then((bytes) => ProxyHost.create({ module: bytes }))).rejects.toThrow(
      "Envoy would have crashed: the module calls env.proxy_log while it is instantiated",
    );
  });

  it("when it is no module", async () => {
    await expect(ProxyHost.create({ module: new Uint8Array([1, 2, 3]) })).rejects.toThrow("Failed to load Wasm module");
  });
});

describe("a module that starts", () => {
  /** Calls a function of WASI while it starts, with these arguments, and logs what it says. */
  async function answerTo(name: string, parameters: string, values: string): Promise<string | undefined> {
    const source = `@external("env", "proxy_log") declare function log(level: u32, text: usize, size: usize): u32;
      @external("wasi_snapshot_preview1", "${name}") declare function called(${parameters}): i32;
      const OUT = memory.data(64, 8);
      const text = String.UTF8.encode(called(${values}).toString() + " " + load<u32>(OUT).toString());
      log(2, changetype<usize>(text), text.byteLength);`;
    return (await load(ABI, MALLOC, source)).logs.at(-1)?.message;
  }

  // What runtimes of other languages ask for, and what Envoy 1.40 answers.
  it.each([
    ["clock_res_get", "a: i32, b: i32", "1, OUT", "0 1"],
    ["poll_oneoff", "a: i32, b: i32, c: i32, d: i32", "64, 64, 1, OUT", "0 0"],
    ["fd_fdstat_get", "a: i32, b: i32", "0, OUT + 8", "8 0"],
    ["fd_fdstat_set_flags", "a: i32, b: i32", "0, 4", "52 0"],
    ["fd_filestat_get", "a: i32, b: i32", "1, OUT + 8", "8 0"],
    ["fd_prestat_get", "a: i32, b: i32", "3, OUT + 8", "8 0"],
    ["fd_sync", "a: i32", "1", "0 0"],
    ["fd_sync", "a: i32", "3", "8 0"],
    ["path_filestat_get", "a: i32, b: i32, c: i32, d: i32, e: i32", "3, 0, 0, 0, OUT + 8", "58 0"],
    ["sock_shutdown", "a: i32, b: i32", "3, 0", "58 0"],
    ["environ_sizes_get", "a: i32, b: i32", "OUT + 8, OUT + 8", "0 0"],
  ])("may call %s(%s), and gets what Envoy says", async (name, parameters, values, said) => {
    expect(await answerTo(name, parameters, values)).toBe(said);
  });

  it.each([
    ["fd_close", "a: i32", "3"],
    ["fd_seek", "a: i32, b: i64, c: i32, d: i32", "1, 0, 0, OUT + 8"],
    ["sched_yield", "", ""],
  ])("may not call %s", async (name, parameters, values) => {
    await expect(answerTo(name, parameters, values)).rejects.toThrow(
      `restricted_callback: wasi_snapshot_preview1.${name}`,
    );
  });

  it("finds a monotonic clock that has been going for some time", async () => {
    const { clock } = await load(ABI, MALLOC);
    expect(clock.monotonicNanoseconds).toBeGreaterThan(0n);
  });
});

describe("a module that exports little", () => {
  let module: Uint8Array;
  beforeAll(async () => {
    module = await compileSource(`${ABI} ${MALLOC}
      export function proxy_on_request_headers(id: u32, count: u32, end: u32): u32 { return 0; }`);
  }, COMPILE_TIME);

  it("is called for what it exports and nothing else", async () => {
    const proxy = await ProxyHost.create({ module });
    const plugin = proxy.addPlugin({ rootId: "root", configuration: "any" });
    expect(plugin.configured).toBe(true);
    plugin.openStream().sendRequestHeaders({ ":path": "/" }).respond({ status: 200, body: "ok" });
    expect(proxy.takeCallbacks().map(({ name, contextId }) => [name, contextId])).toEqual([
      ["_initialize", 0],
      ["proxy_on_request_headers", 2],
    ]);
  });

  it("has its contexts all the same, and they end with their streams", async () => {
    const proxy = await ProxyHost.create({ module });
    const stream = proxy.addPlugin({ rootId: "root", configuration: "" }).openStream();
    stream.sendRequestHeaders({ ":path": "/" });
    expect(proxy.vm(0).liveContexts).toBe(2);
    stream.respond();
    expect(proxy.vm(0).liveContexts).toBe(1);
  });
});

it("a wrong number of workers is named", async () => {
  const module = await compileSource(`${ABI} ${MALLOC}`);
  await expect(ProxyHost.create({ module, workers: 0 })).rejects.toThrow("workers: 0");
});
