import { readFile } from "node:fs/promises";
import { describeSignature, describeType, offeredFunctions } from "./abi/signatures.ts";
import { readImportedFunctions } from "./wasm-types.ts";

/** A module whose ABI and imports this host knows; any number of VMs can be made of it. */
export interface LoadedModule {
  readonly module: WebAssembly.Module;
  readonly abiVersion: "0.2.0" | "0.2.1";
}

/** Reads, compiles and checks a module; rejects with Envoy's reason when Envoy would not load it. */
export async function loadModule(source: Uint8Array | string): Promise<LoadedModule> {
  const bytes = typeof source === "string" ? await readFile(source) : source;
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(new Uint8Array(bytes));
  } catch (error) {
    throw new Error(`Failed to load Wasm module: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const abiVersion = abiVersionOf(module);
  checkImports(module, bytes, abiVersion);
  checkExports(module);
  return { module, abiVersion };
}

function abiVersionOf(module: WebAssembly.Module): LoadedModule["abiVersion"] {
  const names = functionExports(module);
  if (names.has("proxy_abi_version_0_2_1")) return "0.2.1";
  if (names.has("proxy_abi_version_0_2_0")) return "0.2.0";
  if (names.has("proxy_abi_version_0_1_0"))
    throw new Error("Proxy-Wasm ABI 0.1.0 is too old: this host offers 0.2.0 and 0.2.1");
  throw new Error("Missing or unknown Proxy-Wasm ABI version: the module exports no proxy_abi_version_0_2_1");
}

function checkImports(module: WebAssembly.Module, bytes: Uint8Array, abiVersion: LoadedModule["abiVersion"]): void {
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== "function" || offeredFunctions(abiVersion, from)?.[name] === undefined) {
      throw new Error(`Failed to load Wasm module due to a missing import: ${from}.${name}`);
    }
  }
  for (const { module: from, name, parameters, results } of readImportedFunctions(bytes)) {
    const signature = offeredFunctions(abiVersion, from)?.[name];
    if (signature === undefined) continue;
    const offered = describeSignature(name, signature);
    const wanted = describeType(parameters, results);
    if (wanted !== offered) {
      const types = `want: ${wanted}, but host exports: ${offered}`;
      throw new Error(`Failed to load Wasm module due to an import type mismatch: ${from}.${name}, ${types}`);
    }
  }
}

function checkExports(module: WebAssembly.Module): void {
  const names = functionExports(module);
  if (!names.has("malloc") && !names.has("proxy_on_memory_allocate")) {
    throw new Error("Wasm module is missing malloc function: it exports neither malloc nor proxy_on_memory_allocate");
  }
  if (!WebAssembly.Module.exports(module).some(({ name, kind }) => name === "memory" && kind === "memory")) {
    throw new Error("Wasm module exports no memory");
  }
}

function functionExports(module: WebAssembly.Module): Set<string> {
  return new Set(
    WebAssembly.Module.exports(module)
      .filter(({ kind }) => kind === "function")
      .map(({ name }) => name),
  );
}
