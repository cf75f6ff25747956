import { ByteBuffer } from "as-bytes/assembly";

/**
 * Buffers for values that are worked out while a request is looked at. Each value gets one of its own, because a buffer
 * that grows moves what slices of it point to. There are only ever as many as one request needed: what a configuration
 * asks for bounds them.
 */
export class ScratchBuffers {
  private buffers: Array<ByteBuffer> = [];
  private used: i32 = 0;

  /** An empty buffer that nobody else has until the next `reuse`. */
  next(): ByteBuffer {
    if (this.used == this.buffers.length) this.buffers.push(new ByteBuffer());
    return this.buffers[this.used++].clear();
  }

  /** Takes all buffers back, and gives the memory of those back that hold more than `most` bytes. */
  shrink(most: i32): void {
    for (let i = 0; i < this.buffers.length; i++) this.buffers[i].shrink(most);
    this.used = 0;
  }

  /** Takes all buffers back. */
  reuse(): void {
    this.used = 0;
  }
}
