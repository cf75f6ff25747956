/** Text in and out of the module's memory, and the out-parameters of host functions. */

/** Where host functions put what they return: two words, 8 bytes each. */
export const OUT: usize = memory.data(64, 8);
export const OUT_POINTER: usize = OUT;
export const OUT_SIZE: usize = OUT + 8;
export const OUT_VALUE: usize = OUT + 16;

/** UTF-8 of a string, at an address that stays valid as long as this object. */
export class Utf8 {
  private readonly buffer: ArrayBuffer;

  constructor(text: string) {
    this.buffer = String.UTF8.encode(text);
  }

  get pointer(): usize {
    return changetype<usize>(this.buffer);
  }

  get size(): usize {
    return <usize>this.buffer.byteLength;
  }
}

/** What the host has returned through OUT_POINTER and OUT_SIZE; the memory goes back. */
export function takeReturned(): string {
  const pointer = <usize>load<u32>(OUT_POINTER);
  const size = <usize>load<u32>(OUT_SIZE);
  if (pointer == 0) return "";
  const text = String.UTF8.decodeUnsafe(pointer, size);
  heap.free(pointer);
  return text;
}

/** `name=value` words as the ABI's pairs. */
export function pairsOf(words: Array<string>): ArrayBuffer {
  const pieces = new Array<ArrayBuffer>();
  let size = 4;
  for (let i = 0; i < words.length; i++) {
    const at = words[i].indexOf("=");
    pieces.push(String.UTF8.encode(words[i].substring(0, at)));
    pieces.push(String.UTF8.encode(words[i].substring(at + 1)));
    size += 10 + pieces[2 * i].byteLength + pieces[2 * i + 1].byteLength;
  }
  const out = new ArrayBuffer(size);
  const start = changetype<usize>(out);
  store<u32>(start, words.length);
  let lengths = start + 4;
  let at = start + 4 + 4 * pieces.length;
  for (let i = 0; i < pieces.length; i++) {
    const length = pieces[i].byteLength;
    store<u32>(lengths, length);
    lengths += 4;
    memory.copy(at, changetype<usize>(pieces[i]), length);
    store<u8>(at + length, 0);
    at += length + 1;
  }
  return out;
}

/** Pairs the host has returned, as `name=value` words. */
export function takeReturnedPairs(): string {
  const start = <usize>load<u32>(OUT_POINTER);
  if (start == 0) return "none";
  const count = <i32>load<u32>(start);
  let lengths = start + 4;
  let at = start + 4 + 8 * count;
  let text = "";
  for (let i = 0; i < count; i++) {
    const nameSize = load<u32>(lengths);
    const valueSize = load<u32>(lengths + 4);
    lengths += 8;
    if (i > 0) text += " ";
    text += String.UTF8.decodeUnsafe(at, nameSize) + "=" + String.UTF8.decodeUnsafe(at + nameSize + 1, valueSize);
    at += nameSize + valueSize + 2;
  }
  heap.free(start);
  return text;
}
