import { beforeAll, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";

interface Filter {
  memory: WebAssembly.Memory;
  _initialize: () => void;
  proxy_on_memory_allocate: (size: number) => number;
  proxy_on_context_create: (id: number, parent: number) => void;
  proxy_on_request_headers: (id: number, count: number, endOfStream: number) => number;
  proxy_on_response_headers: (id: number, count: number, endOfStream: number) => number;
}

const ROOT = 1;
const STREAM = 2;
const OTHER_STREAM = 3;

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await compileFilter("nested"));
}, COMPILE_TIME);

/**
 * Envoy puts a local reply off until the callback has returned, and the ABI leaves it open: some hosts run the response
 * callbacks within the host call. These imports do as such a host does.
 */
async function filterOnNestingHost(log: string[]): Promise<Filter> {
  const decode = (pointer: number, size: number): string =>
    new TextDecoder().decode(new Uint8Array(filter.memory.buffer, pointer, size));
  const giveText = (text: string, pointerAt: number, sizeAt: number): number => {
    const bytes = new TextEncoder().encode(text);
    const pointer = filter.proxy_on_memory_allocate(bytes.length);
    new Uint8Array(filter.memory.buffer).set(bytes, pointer);
    const view = new DataView(filter.memory.buffer);
    view.setUint32(pointerAt, pointer, true);
    view.setUint32(sizeAt, bytes.length, true);
    return 0;
  };
  const env = {
    proxy_get_log_level: () => 0,
    proxy_log: (_level: number, pointer: number, size: number): number => {
      log.push(decode(pointer, size));
      return 0;
    },
    proxy_get_header_map_value: (map: number, _name: number, _size: number, pointerAt: number, sizeAt: number) =>
      giveText(map === 0 ? "of the request" : "of the response", pointerAt, sizeAt),
    proxy_send_local_response: (): number => {
      filter.proxy_on_response_headers(OTHER_STREAM, 1, 0);
      return 0;
    },
  };
  const { exports } = await WebAssembly.instantiate(module, { env });
  const filter = exports as unknown as Filter;
  return filter;
}

it("keeps what a callback has read while the host calls back within one of its host calls", async () => {
  const log: string[] = [];
  const filter = await filterOnNestingHost(log);
  filter._initialize();
  filter.proxy_on_context_create(ROOT, 0);
  filter.proxy_on_context_create(STREAM, ROOT);
  filter.proxy_on_context_create(OTHER_STREAM, ROOT);
  expect(filter.proxy_on_request_headers(STREAM, 1, 1)).toBe(1);
  expect(log).toEqual(["of the response", "of the request", `acting on ${STREAM}`]);
});

it("takes a callback for a context nobody told it of, and lets the stream pass", async () => {
  const filter = await filterOnNestingHost([]);
  filter._initialize();
  filter.proxy_on_context_create(ROOT, 0);
  filter.proxy_on_context_create(STREAM, 77);
  for (const unknown of [STREAM, 99, ROOT, 0, -1]) expect(filter.proxy_on_request_headers(unknown, 1, 1)).toBe(0);
});
