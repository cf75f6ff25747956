import { beforeAll, describe, expect, it } from "vitest";
import { COMPILE_TIME, compileFilter } from "./compile.ts";

const MIB = 1024 * 1024;
const ROOT = 1;

interface Filter {
  memory: WebAssembly.Memory;
  _initialize: () => void;
  proxy_on_context_create: (id: number, parent: number) => void;
  proxy_on_request_headers: (id: number, count: number, end: number) => number;
  proxy_on_response_headers: (id: number, count: number, end: number) => number;
  proxy_on_log: (id: number) => void;
  proxy_on_delete: (id: number) => void;
}

let module: WebAssembly.Module;

beforeAll(async () => {
  module = await WebAssembly.compile(await compileFilter("garbage"));
}, COMPILE_TIME);

/** A host that has a response pass the filter while the filter sends it, as the ABI lets hosts do. */
async function start(): Promise<{ filter: Filter; log: string[] }> {
  const log: string[] = [];
  let stream = 0;
  const env = {
    proxy_get_log_level: () => 0,
    proxy_log: (_level: number, pointer: number, size: number): number => {
      log.push(new TextDecoder().decode(new Uint8Array(filter.memory.buffer, pointer, size)));
      return 0;
    },
    proxy_send_local_response: (): number => {
      filter.proxy_on_response_headers(stream, 0, 1);
      return 0;
    },
  };
  const { exports } = await WebAssembly.instantiate(module, { env });
  const filter = exports as unknown as Filter;
  const request = filter.proxy_on_request_headers;
  filter._initialize();
  filter.proxy_on_context_create(ROOT, 0);
  return { filter: { ...filter, proxy_on_request_headers: (id, ...rest) => request((stream = id), ...rest) }, log };
}

describe("garbage", () => {
  it("is collected between callbacks: what the stack, a stream or an earlier callback holds is no garbage", async () => {
    const { filter, log } = await start();
    for (let id = 2; id < 200; id++) filter.proxy_on_context_create(id, ROOT);
    for (let id = 2; id < 200; id++) filter.proxy_on_request_headers(id, 0, 1);
    for (let id = 2; id < 200; id++) filter.proxy_on_log(id);
    expect(log).toHaveLength(3 * 198);
    expect(log.filter((line) => !line.endsWith(": all is there"))).toEqual([]);
  });

  it("takes no more memory than two callbacks leave, and half of what is in use", async () => {
    const { filter } = await start();
    for (let id = 2; id < 1000; id++) {
      filter.proxy_on_context_create(id, ROOT);
      filter.proxy_on_request_headers(id, 0, 1);
      filter.proxy_on_delete(id);
    }
    expect(filter.memory.buffer.byteLength).toBeLessThanOrEqual(8 * MIB);
  });
});
