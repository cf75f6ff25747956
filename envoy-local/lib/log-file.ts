import { existsSync, readFileSync, statSync } from "node:fs";

/** What a program wrote, appended over all its starts. */
export class LogFile {
  readonly path: string;
  #start = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** What is written from now on belongs to a new start. */
  mark(): void {
    this.#start = existsSync(this.path) ? statSync(this.path).size : 0;
  }

  /** All that was written since the last start. */
  sinceStart(): string {
    return this.#bytes().subarray(this.#start).toString("utf8");
  }

  all(): string {
    return this.#bytes().toString("utf8");
  }

  /** The last `lines` lines. */
  tail(lines: number): string {
    return this.all().trimEnd().split("\n").slice(-lines).join("\n");
  }

  #bytes(): Buffer {
    return existsSync(this.path) ? readFileSync(this.path) : Buffer.alloc(0);
  }
}
