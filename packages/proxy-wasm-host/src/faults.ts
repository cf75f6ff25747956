interface HostFunctionFault {
  readonly status: number;
  /** How many calls go well before the first that fails. */
  before: number;
  remaining: number;
}

/** Failures that a test asks for. */
export class Faults {
  #failingAllocations = 0;
  #allocationsBefore = 0;
  readonly #hostFunctions = new Map<string, HostFunctionFault>();

  /** The module's allocator is taken to return 0 `count` times that the host needs memory from it, after `before` times. */
  failAllocations(count: number, before = 0): void {
    this.#failingAllocations = count;
    this.#allocationsBefore = before;
  }

  /** After `before` calls that go well, the host function does nothing and returns `status`, `times` times; 0 ends it. */
  failHostFunction(name: string, status: number, times = Number.POSITIVE_INFINITY, before = 0): void {
    if (times > 0) this.#hostFunctions.set(name, { status, before, remaining: times });
    else this.#hostFunctions.delete(name);
  }

  /** Ends every fault. */
  clear(): void {
    this.failAllocations(0);
    this.#hostFunctions.clear();
  }

  /** Whether this allocation is to fail; each question uses up one failure. */
  takeAllocationFailure(): boolean {
    if (this.#failingAllocations <= 0) return false;
    if (this.#allocationsBefore > 0) {
      this.#allocationsBefore--;
      return false;
    }
    this.#failingAllocations--;
    return true;
  }

  /** The status this host call is to return, if any; each question uses up one failure. */
  takeStatus(name: string): number | undefined {
    const fault = this.#hostFunctions.get(name);
    if (fault === undefined) return undefined;
    if (fault.before > 0) {
      fault.before--;
      return undefined;
    }
    fault.remaining--;
    if (fault.remaining <= 0) this.#hostFunctions.delete(name);
    return fault.status;
  }
}
