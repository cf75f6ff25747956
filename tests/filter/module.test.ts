import { describe, expect, it } from "vitest";
import { filterModule } from "./support/filter.ts";

const bytes = filterModule();
const module = new WebAssembly.Module(new Uint8Array(bytes));

describe("the release module", () => {
  it("is under 190 kB", () => {
    expect(bytes.length).toBeLessThan(190_000);
  });

  it("imports nothing but the Proxy-Wasm ABI and WASI", () => {
    const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
    expect(imports.filter((name) => !/^(env\.proxy_|wasi_snapshot_preview1\.)/.test(name))).toEqual([]);
    // Envoy does not load a module that imports it: it is a foreign function.
    expect(imports).not.toContain("env.proxy_clear_route_cache");
  });

  it("exports just the callbacks it needs: each of them is called for every stream", () => {
    const exports = WebAssembly.Module.exports(module).map((entry) => entry.name);
    expect(exports.sort()).toEqual([
      "_initialize",
      "memory",
      "proxy_abi_version_0_2_1",
      "proxy_on_configure",
      "proxy_on_context_create",
      "proxy_on_delete",
      "proxy_on_http_call_response",
      "proxy_on_memory_allocate",
      "proxy_on_queue_ready",
      "proxy_on_request_headers",
      "proxy_on_response_headers",
      "proxy_on_tick",
    ]);
  });

  it("has no code at its start: Envoy cannot serve a call to the host then", () => {
    const hasStartSection = sections(bytes).includes(8);
    expect(hasStartSection).toBe(false);
  });
});

/** The ids of the module's sections (WebAssembly core specification §5.5.2). */
function sections(binary: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < binary.length;) {
    ids.push(binary[at++] ?? 0);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = binary[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return ids;
}
