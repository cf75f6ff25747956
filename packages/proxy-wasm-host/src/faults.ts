interface HostFunctionFault {
  readonly status: number;
  remaining: number;
}

/** Failures that a test asks for. */
export class Faults {
  #failingAllocations = 0;
  readonly #hostFunctions = new Map<string, HostFunctionFault>();

  /** The module's allocator is taken to return 0 the next `count` times the host needs memory from it. */
  failAllocations(count: number): void {
    this.#failingAllocations = count;
  }

  /** The host function does nothing and returns `status` the next `times` times; 0 times ends it. */
  failHostFunction(name: string, status: number, times = Number.POSITIVE_INFINITY): void {
    if (times > 0) this.#hostFunctions.set(name, { status, remaining: times });
    else this.#hostFunctions.delete(name);
  }

  /** Ends every fault. */
  clear(): void {
    this.#failingAllocations = 0;
    this.#hostFunctions.clear();
  }

  /** Whether this allocation is to fail; each question uses up one failure. */
  takeAllocationFailure(): boolean {
    if (this.#failingAllocations <= 0) return false;
    this.#failingAllocations--;
    return true;
  }

  /** The status this host call is to return, if any; each question uses up one failure. */
  takeStatus(name: string): number | undefined {
    const fault = this.#hostFunctions.get(name);
    if (fault === undefined) return undefined;
    fault.remaining--;
    if (fault.remaining <= 0) this.#hostFunctions.delete(name);
    return fault.status;
  }
}
