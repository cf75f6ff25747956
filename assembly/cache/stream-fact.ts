/**
 * Something about a request or its response that may be there, as the proxy knows and no field says. To ask the proxy costs more than all else
 * that is decided of a response, so that it is asked only where something depends on it, and once.
 */
export abstract class StreamFact {
  private isKnown: bool = false;
  private known: bool = false;

  /** What was learnt is another request's. */
  begin(): void {
    this.isKnown = false;
  }

  /** It is known already, and nobody is asked. */
  settle(isThere: bool): void {
    this.isKnown = true;
    this.known = isThere;
  }

  get isThere(): bool {
    if (!this.isKnown) this.known = this.ask();
    this.isKnown = true;
    return this.known;
  }

  protected abstract ask(): bool;
}
