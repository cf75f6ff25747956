/** The least-recently-used store as its documentation describes it, in the plainest code that does it. */
export class StoreModel {
  /** From the least to the most recently used. */
  private readonly held = new Map<string, string>();
  private hasTable = false;

  constructor(
    private maxEntries: number,
    private maxBytes: number,
    private readonly entryCost: number,
    /** 0 where the bounds allow no table. */
    private readonly tableCostOf: (maxEntries: number, maxBytes: number) => number,
  ) {}

  get entries(): number {
    return this.held.size;
  }

  get bytes(): number {
    const entries = [...this.held].reduce((sum, [key, value]) => sum + this.sizeOf(key, value), 0);
    return entries + this.tableBytes;
  }

  /** From the least to the most recently used. */
  get keys(): string[] {
    return [...this.held.keys()];
  }

  find(key: string): string | null {
    const value = this.held.get(key);
    if (value === undefined) return null;
    this.held.delete(key);
    this.held.set(key, value);
    return value;
  }

  put(key: string, value: string): boolean {
    this.held.delete(key);
    this.hasTable ||= this.tableCost > 0;
    const size = this.sizeOf(key, value);
    if (!this.hasTable || size > this.maxBytes - this.tableBytes) return false;
    this.shrinkTo(this.maxEntries - 1, this.maxBytes - size);
    this.held.set(key, value);
    return true;
  }

  remove(key: string): boolean {
    return this.held.delete(key);
  }

  resize(maxEntries: number, maxBytes: number): void {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
    if (!this.hasTable) return;
    if (this.tableCost === 0) this.clear();
    else this.shrinkTo(maxEntries, maxBytes);
  }

  clear(): void {
    this.held.clear();
    this.hasTable = false;
  }

  private get tableBytes(): number {
    return this.hasTable ? this.tableCost : 0;
  }

  private get tableCost(): number {
    return this.tableCostOf(this.maxEntries, this.maxBytes);
  }

  private sizeOf(key: string, value: string): number {
    return this.entryCost + key.length + value.length;
  }

  private shrinkTo(entries: number, bytes: number): void {
    for (const key of this.keys) {
      if (this.entries <= entries && this.bytes <= bytes) return;
      this.held.delete(key);
    }
  }
}
