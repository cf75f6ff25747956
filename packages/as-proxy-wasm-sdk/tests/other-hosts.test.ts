import { beforeAll, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";

interface Filter {
  memory: WebAssembly.Memory;
  _initialize: () => void;
  proxy_on_memory_allocate: (size: number) => number;
  proxy_on_context_create: (id: number, parent: number) => void;
  proxy_on_request_headers: (id: number, count: number, endOfStream: number) => number;
  proxy_on_response_headers: (id: number, count: number, endOfStream: number) => number;
}

/** What such a host does where it is not like Envoy. */
interface Ways {
  /** Where it says that a header's value is, and how long; it writes nothing when this is undefined. */
  headerAt: (filter: Filter, map: number) => { pointer: number; size: number } | undefined;
  /** What it does while a local response is being sent. */
  whileResponding?: (filter: Filter) => void;
}

const ROOT = 1;
const STREAM = 2;
const OTHER_STREAM = 3;
const REQUEST_HEADERS = 0;

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await compileFilter("nested"));
}, COMPILE_TIME);

/** The filter on a host that behaves as Envoy never does, but as the ABI lets hosts behave, or not even that. */
async function filterOn({ headerAt, whileResponding }: Ways): Promise<{ filter: Filter; log: string[] }> {
  const log: string[] = [];
  const env = {
    proxy_get_log_level: () => 0,
    proxy_log: (_level: number, pointer: number, size: number): number => {
      log.push(new TextDecoder().decode(new Uint8Array(filter.memory.buffer, pointer, size)));
      return 0;
    },
    proxy_get_header_map_value: (map: number, _name: number, _size: number, pointerAt: number, sizeAt: number) => {
      const value = headerAt(filter, map);
      const view = new DataView(filter.memory.buffer);
      if (value !== undefined) {
        view.setUint32(pointerAt, value.pointer, true);
        view.setUint32(sizeAt, value.size, true);
      }
      return 0;
    },
    proxy_send_local_response: (): number => {
      whileResponding?.(filter);
      return 0;
    },
  };
  const { exports } = await WebAssembly.instantiate(module, { env });
  const filter = exports as unknown as Filter;
  filter._initialize();
  filter.proxy_on_context_create(ROOT, 0);
  return { filter, log };
}

/** Hands a text over as hosts do, in memory asked for. */
function give(filter: Filter, text: string): { pointer: number; size: number } {
  const bytes = new TextEncoder().encode(text);
  const pointer = filter.proxy_on_memory_allocate(bytes.length);
  new Uint8Array(filter.memory.buffer).set(bytes, pointer);
  return { pointer, size: bytes.length };
}

it("a host that runs the response callbacks within a host call does not spoil what was read before", async () => {
  const { filter, log } = await filterOn({
    headerAt: (to, map) => give(to, map === REQUEST_HEADERS ? "of the request" : "of the response"),
    whileResponding: (to) => to.proxy_on_response_headers(OTHER_STREAM, 1, 0),
  });
  filter.proxy_on_context_create(STREAM, ROOT);
  filter.proxy_on_context_create(OTHER_STREAM, ROOT);
  expect(filter.proxy_on_request_headers(STREAM, 1, 1)).toBe(1);
  expect(log).toEqual(["of the response", "of the request", `acting on ${STREAM}`]);
});

it("a request that nobody told the module of is answered, for no filter has seen it, and the answer passes", async () => {
  let answers = 0;
  const { filter } = await filterOn({ headerAt: (to) => give(to, ""), whileResponding: () => answers++ });
  filter.proxy_on_context_create(STREAM, 77);
  const unknown = [STREAM, 99, ROOT, 0, -1];
  for (const id of unknown) expect(filter.proxy_on_request_headers(id, 1, 1)).toBe(1);
  for (const id of unknown) expect(filter.proxy_on_response_headers(id, 1, 1)).toBe(0);
  expect(answers).toBe(unknown.length);
});

describe("a value that", () => {
  const beyond = 0x7000_0000;
  it.each([
    ["lies outside of the memory", { pointer: beyond, size: 1 }],
    ["ends outside of the memory", { pointer: 1024, size: beyond }],
    ["ends where 32 bits do", { pointer: 0xffff_fff0, size: 0x20 }],
    ["is as long as 32 bits can say", { pointer: 8, size: 0xffff_ffff }],
    ["has bytes but no address", { pointer: 0, size: 5 }],
  ])("%s is no value, and no trap", async (_, value) => {
    const { filter, log } = await filterOn({ headerAt: () => value });
    filter.proxy_on_context_create(STREAM, ROOT);
    expect(filter.proxy_on_request_headers(STREAM, 1, 1)).toBe(1);
    expect(log).toEqual(["", `acting on ${STREAM}`]);
  });

  it("the host forgets to write is not the one before", async () => {
    const { filter, log } = await filterOn({
      headerAt: (to, map) => (map === REQUEST_HEADERS ? give(to, "read before") : undefined),
    });
    filter.proxy_on_context_create(STREAM, ROOT);
    filter.proxy_on_request_headers(STREAM, 1, 1);
    filter.proxy_on_response_headers(STREAM, 1, 1);
    expect(log.at(-1)).toBe("");
  });
});
