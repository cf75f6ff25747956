/** A module's linear memory. Nothing here trusts a pointer: what lies outside is undefined or false, never an exception. */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  get byteLength(): number {
    return this.#memory.buffer.byteLength;
  }

  /** A copy of the bytes; undefined when any of them lies outside. */
  read(pointer: number, size: number): Uint8Array | undefined {
    const start = pointer >>> 0;
    const length = size >>> 0;
    if (start + length > this.byteLength) return undefined;
    return new Uint8Array(this.#memory.buffer, start, length).slice();
  }

  /** Whether the bytes could be written; nothing is written when some of them lie outside. */
  write(pointer: number, bytes: Uint8Array): boolean {
    const start = pointer >>> 0;
    if (start + bytes.length > this.byteLength) return false;
    new Uint8Array(this.#memory.buffer, start, bytes.length).set(bytes);
    return true;
  }

  readU32(pointer: number): number | undefined {
    const start = pointer >>> 0;
    if (start + 4 > this.byteLength) return undefined;
    return new DataView(this.#memory.buffer).getUint32(start, true);
  }

  writeU32(pointer: number, value: number): boolean {
    const start = pointer >>> 0;
    if (start + 4 > this.byteLength) return false;
    new DataView(this.#memory.buffer).setUint32(start, value >>> 0, true);
    return true;
  }

  writeU64(pointer: number, value: bigint): boolean {
    const start = pointer >>> 0;
    if (start + 8 > this.byteLength) return false;
    new DataView(this.#memory.buffer).setBigUint64(start, BigInt.asUintN(64, value), true);
    return true;
  }
}
