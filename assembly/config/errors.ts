/** A configuration that is wrong in more places is best mended in the first of them: what follows is not gone into. */
const MOST: i32 = 100;

/** Everything that is wrong with a configuration, each with the path of what it is about. */
export class ConfigErrors {
  private found: Array<string> = [];
  private more: i32 = 0;
  private isCut: bool = false;

  get count(): i32 {
    return this.found.length + this.more;
  }

  /** Whether further errors are only counted, so that nothing more need be said about them. */
  get isFull(): bool {
    return this.found.length == MOST;
  }

  /** Whether what follows is not to be gone into, because there are too many errors before it; notes that there was more. */
  cutsOff(): bool {
    this.isCut = this.isCut || this.isFull;
    return this.isFull;
  }

  /** `path` is as in `lookups[0].service.timeout`, empty for the whole; `problem` says what is wrong and what is right. */
  add(path: string, problem: string): void {
    if (this.isFull) this.more++;
    else this.found.push((path.length == 0 ? "pluginConfig" : path) + ": " + problem);
  }

  /** All of them as `path: problem`, in the order in which they were found. */
  list(): Array<string> {
    if (this.isCut) return this.found.concat(["pluginConfig: perhaps more errors: what follows was not read"]);
    if (this.more == 0) return this.found;
    return this.found.concat(["pluginConfig: " + this.more.toString() + " more errors"]);
  }
}
