import { readFileSync } from "node:fs";
import path from "node:path";
import { compile } from "./compile.ts";

/** A `Slice`: address in the upper half, length in the lower; 0 is a missing value. */
type Slice = bigint;

interface Exports {
  memory: WebAssembly.Memory;
  arenaAllocate: (size: number) => number;
  resetArena: () => void;
  put: (key: bigint) => number;
  has: (key: bigint) => number;
  take: (key: bigint) => number;
  size: () => number;
  probeLength: (key: bigint) => number;
  parse: (pointer: number, length: number) => number;
  count: () => number;
  name: (index: number) => Slice;
  value: (index: number) => Slice;
  sum: () => number;
  takeMark: (number: 0 | 1) => void;
  releaseMark: (number: 0 | 1) => void;
  clear: () => void;
  add: (namePointer: number, nameLength: number, valuePointer: number, valueLength: number) => number;
  serialised: () => Slice;
}

/** The SDK's parts that need no host, compiled and instantiated without one. */
export class Parts {
  private constructor(readonly wasm: Exports) {}

  static async load(): Promise<Parts> {
    const source = readFileSync(path.join(import.meta.dirname, "assembly/parts.ts"), "utf8");
    const module = await WebAssembly.compile(await compile(source, ["-O3", "--runtime", "minimal"]));
    const abort = (): never => {
      throw new Error("the module aborted");
    };
    const { exports } = await WebAssembly.instantiate(module, { env: { abort } });
    return new Parts(exports as unknown as Exports);
  }

  /** Copies bytes into the arena; returns their address. */
  give(bytes: Uint8Array): number {
    const pointer = this.wasm.arenaAllocate(bytes.length);
    new Uint8Array(this.wasm.memory.buffer).set(bytes, pointer);
    return pointer;
  }

  /** The bytes of a slice; undefined for a missing value. */
  bytes(slice: Slice): Uint8Array | undefined {
    if (slice === 0n) return undefined;
    const pointer = Number(slice >> 32n);
    return new Uint8Array(this.wasm.memory.buffer).slice(pointer, pointer + Number(slice & 0xffffffffn));
  }

  /** Builds and serialises a list of pairs; undefined when the builder refused one. */
  serialise(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array | undefined {
    this.wasm.clear();
    const taken = pairs.map(
      ([name, value]) => this.wasm.add(this.give(name), name.length, this.give(value), value.length) !== 0,
    );
    return taken.every(Boolean) ? this.bytes(this.wasm.serialised()) : undefined;
  }

  /** Reads a serialised list; undefined when the reader calls it malformed. */
  read(bytes: Uint8Array): [Uint8Array | undefined, Uint8Array | undefined][] | undefined {
    if (this.wasm.parse(this.give(bytes), bytes.length) === 0) return undefined;
    return Array.from({ length: this.wasm.count() }, (_, i) => [
      this.bytes(this.wasm.name(i)),
      this.bytes(this.wasm.value(i)),
    ]);
  }
}
