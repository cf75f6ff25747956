/**
 * Whether a filter verified a JWT of the request's: its header may be gone by now. To ask the proxy costs more than all else
 * that is decided of a response, so that it is asked only where something depends on it, and once.
 */
export abstract class VerifiedJwt {
  private isKnown: bool = false;
  private known: bool = false;

  /** What was learnt is another request's. */
  begin(): void {
    this.isKnown = false;
  }

  get isThere(): bool {
    if (!this.isKnown) this.known = this.ask();
    this.isKnown = true;
    return this.known;
  }

  protected abstract ask(): bool;
}
