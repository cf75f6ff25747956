import type { Plugin, Stream } from "proxy-wasm-host";
import { latin1, type ModelRequest } from "../../fixtures/keys/model.ts";

/** Another one every run; `SEED=… npx vitest …` repeats one. */
export const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Sends a request whose texts are bytes as Latin-1, unchanged. */
export function sendHostile(plugin: Plugin, request: ModelRequest): Stream {
  const headers: [string, string][] = [
    [":method", request.method],
    [":scheme", request.scheme],
    [":authority", request.authority],
    [":path", request.path],
    ...request.headers.map(([name, value]): [string, string] => [name, value]),
  ];
  return plugin.openStream().sendRequestHeaders(headers.map(([name, value]) => [name, bytesOf(value)] as const));
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** A header as bytes; our own host gives what is UTF-8 as text. */
export function latin1Of(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1");
}

/** Remembers which values made a key, and says when others make the same one. */
export class KeyRegister {
  readonly #valuesOf = new Map<string, string>();

  get size(): number {
    return this.#valuesOf.size;
  }

  /** Whether no other choice of values has had this key before. */
  belongsTo(key: string, values: readonly string[]): boolean {
    const tuple = JSON.stringify(values);
    const owner = this.#valuesOf.get(key) ?? tuple;
    this.#valuesOf.set(key, owner);
    return owner === tuple;
  }
}

/** What every key in Redis begins with. */
export const KEY_PREFIX = latin1("signpost:");
