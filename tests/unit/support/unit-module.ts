import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { instantiateSync, type ASUtil } from "@assemblyscript/loader";

/** What a function of the module takes and gives, as the compiled code has it and as JavaScript has it. */
interface Values {
  void: undefined;
  bool: boolean;
  i32: number;
  f64: number;
  i64: bigint;
  u64: bigint;
  /** A String. */
  text: string;
  /** A Uint8Array; a JavaScript string stands for its UTF-8 bytes. */
  bytes: Uint8Array;
  /** A Uint8Array or null. */
  optionalBytes: Uint8Array | null;
  /** An object of the module, kept until the module goes. */
  object: number;
}

type Kind = keyof Values;

type Argument<K extends Kind> = K extends "bytes" | "optionalBytes" ? Values[K] | string : Values[K];

type Arguments<K extends readonly Kind[]> = { [I in keyof K]: Argument<K[I]> };

type WasmValue = number | bigint;

interface Exports extends Record<string, unknown> {
  UINT8ARRAY_ID: { valueOf(): number };
}

const DEFAULT_PATH = join(import.meta.dirname, "../../../build/unit.wasm");

/**
 * The pure modules of assembly/ as compiled Wasm, with the thin wrappers of tests/unit/assembly around them. A trap in
 * them throws.
 */
export class UnitModule {
  private readonly exports: ASUtil & Exports;
  private readonly uint8ArrayId: number;
  private readonly kept = new Set<number>();

  /** Loads `build/unit.wasm`, or what the environment variable UNIT_WASM names. */
  constructor(path = process.env["UNIT_WASM"] ?? DEFAULT_PATH) {
    if (!existsSync(path)) throw new Error(`${path} is missing: run ./build.sh test`);
    this.exports = instantiateSync<Exports>(readFileSync(path)).exports;
    this.uint8ArrayId = this.exports.UINT8ARRAY_ID.valueOf();
  }

  /** An exported function with JavaScript's values for its parameters and result. */
  function<const P extends readonly Kind[], R extends Kind>(
    name: string,
    parameters: P,
    result: R,
  ): (...values: Arguments<P>) => Values[R] {
    const exported = this.exports[name];
    if (typeof exported !== "function") throw new Error(`unit.wasm exports no function ${name}: run ./build.sh test`);
    const callable = exported as (...values: WasmValue[]) => WasmValue | undefined;
    return (...values) => {
      const held: number[] = [];
      const lowered = parameters.map((kind, i) => this.lower(kind, values[i], held));
      try {
        return this.lift(result, callable(...lowered));
      } finally {
        for (const pointer of held) this.exports.__unpin(pointer);
      }
    };
  }

  /** Objects are held for the call: allocating the next argument may start a collection. */
  private lower(kind: Kind, value: unknown, held: number[]): WasmValue {
    if (typeof value === "boolean") return Number(value);
    if (typeof value === "number" || typeof value === "bigint") return value;
    if (value === null) return 0;
    let pointer: number;
    if (kind === "text" && typeof value === "string") pointer = this.exports.__newString(value);
    else if (typeof value === "string") pointer = this.newBytes(Buffer.from(value));
    else if (value instanceof Uint8Array) pointer = this.newBytes(value);
    else throw new TypeError(`no value for a parameter of kind ${kind}`);
    held.push(this.exports.__pin(pointer));
    return pointer;
  }

  private newBytes(bytes: Uint8Array): number {
    return this.exports.__newArray(this.uint8ArrayId, bytes);
  }

  private lift<R extends Kind>(kind: R, value: WasmValue | undefined): Values[R];
  private lift(kind: Kind, value: WasmValue | undefined): unknown {
    if (typeof value === "bigint") return kind === "u64" ? BigInt.asUintN(64, value) : value;
    if (kind === "void" || value === undefined) return undefined;
    switch (kind) {
      case "bool":
        return value !== 0;
      case "text":
        return this.exports.__getString(value);
      case "bytes":
        return this.exports.__getUint8Array(value);
      case "optionalBytes":
        return value === 0 ? null : this.exports.__getUint8Array(value);
      case "object":
        return this.keep(value);
      default:
        return value;
    }
  }

  /** A function may return one object many times, and the loader pins none twice. */
  private keep(pointer: number): number {
    if (pointer !== 0 && !this.kept.has(pointer)) this.kept.add(this.exports.__pin(pointer));
    return pointer;
  }
}
