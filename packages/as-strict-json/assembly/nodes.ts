/** What a value is. */
export enum JsonKind {
  Null,
  False,
  True,
  Number,
  String,
  Array,
  Object,
  /** No value at all: what an index that is no node has. */
  Missing,
}

/** One value. Offsets are into the document's text; a node's first child is the node after it. */
@unmanaged
export class JsonNode {
  kind: JsonKind;
  /** The value as written, strings without their quotes. */
  start: i32;
  length: i32;
  /** A member's key without its quotes; -1 in arrays and at the top. */
  keyStart: i32;
  keyLength: i32;
  keyEscaped: bool;
  /** Whether a string has escape sequences. */
  escaped: bool;
  parent: i32;
  /** The next value in the same container; -1 at the last. */
  next: i32;
  childCount: i32;
  /** The latest child, while the container is read. */
  lastChild: i32;
}

/** No document has more values: beyond that the table would be larger than what a Wasm VM may spend on it. */
const MAX_NODES: i32 = 1 << 20;

const FIRST_CAPACITY: i32 = 64;

/** The values of a document in the order they begin, in one block outside the collector that the next document reuses. */
export class JsonNodes {
  private table: usize = 0;
  private capacity: i32 = 0;
  private used: i32 = 0;

  get count(): i32 {
    return this.used;
  }

  clear(): void {
    this.used = 0;
  }

  has(index: i32): bool {
    return <u32>index < <u32>this.used;
  }

  /** The node; only for an index that `has` knows. Good until the next `add`. */
  @inline
  at(index: i32): JsonNode {
    return changetype<JsonNode>(this.table + <usize>index * offsetof<JsonNode>());
  }

  /** The index of a new node, its fields all zero; -1 when there are too many. */
  add(): i32 {
    if (this.used == this.capacity && !this.grow()) return -1;
    const index = this.used++;
    memory.fill(changetype<usize>(this.at(index)), 0, offsetof<JsonNode>());
    return index;
  }

  /** Gives the memory back; the table may be used again. */
  dispose(): void {
    if (this.table != 0) heap.free(this.table);
    this.table = 0;
    this.capacity = 0;
    this.used = 0;
  }

  private grow(): bool {
    if (this.capacity >= MAX_NODES) return false;
    const capacity = this.capacity == 0 ? FIRST_CAPACITY : this.capacity * 2;
    const bytes = <usize>capacity * offsetof<JsonNode>();
    this.table = this.table == 0 ? heap.alloc(bytes) : heap.realloc(this.table, bytes);
    this.capacity = capacity;
    return true;
  }
}
