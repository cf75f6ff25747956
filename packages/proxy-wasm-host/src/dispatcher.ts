/** What a filter did makes Envoy crash: the proxy and all its streams are gone, and so is the test. */
export class EnvoyCrash extends Error {
  override readonly name = "EnvoyCrash";
}

/** Envoy's event loop, as far as its order can be seen: what is posted waits until the present event is over. */
export class Dispatcher {
  #depth = 0;
  #crash: EnvoyCrash | undefined;
  readonly #posted: (() => void)[] = [];

  /** Runs an event; whatever it posts runs after it. Throws once and for all when Envoy would have crashed. */
  run<T>(event: () => T): T {
    if (this.#crash !== undefined) throw this.#crash;
    this.#depth++;
    try {
      return event();
    } finally {
      this.#depth--;
      if (this.#depth === 0 && !this.#hasCrashed()) this.#runPosted();
    }
  }

  post(event: () => void): void {
    this.#posted.push(event);
    if (this.#depth === 0) this.#runPosted();
  }

  /** Ends all: whoever has set off the running event gets this error, and whoever sets off another one. */
  crash(message: string): never {
    this.#crash ??= new EnvoyCrash(message);
    throw this.#crash;
  }

  /** Asked anew, as the event may have done it. */
  #hasCrashed(): boolean {
    return this.#crash !== undefined;
  }

  #runPosted(): void {
    for (let event = this.#posted.shift(); event !== undefined; event = this.#posted.shift()) this.run(event);
  }
}
