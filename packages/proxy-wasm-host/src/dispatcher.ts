/** Envoy's event loop, as far as its order can be seen: what is posted waits until the present event is over. */
export class Dispatcher {
  #depth = 0;
  readonly #posted: (() => void)[] = [];

  /** Runs an event; whatever it posts runs after it. */
  run<T>(event: () => T): T {
    this.#depth++;
    try {
      return event();
    } finally {
      this.#depth--;
      if (this.#depth === 0) this.#runPosted();
    }
  }

  post(event: () => void): void {
    this.#posted.push(event);
    if (this.#depth === 0) this.#runPosted();
  }

  #runPosted(): void {
    for (let event = this.#posted.shift(); event !== undefined; event = this.#posted.shift()) this.run(event);
  }
}
