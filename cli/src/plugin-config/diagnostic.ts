/** A place in a file; both count from 1, the column in characters. */
export interface Position {
  line: number;
  column: number;
}

/** What there is to say about a file. */
export interface Diagnostic {
  /** A `note` is about what is no mistake, as of a file that holds no configuration beside one that does. */
  severity: "error" | "warning" | "note";
  /** What it is about, as in `lookups[0].service.timeout` or `spec.phase`; empty for the file as a whole. */
  path: string;
  message: string;
  /** What to write instead, to be shown behind the message. */
  hint?: string | undefined;
  /** Missing where a file could not even be read. */
  position?: Position;
  /** The Kubernetes document it is in, as in `WasmPlugin/route`; empty outside of manifests. */
  document: string;
}

/** The text of a file, for turning offsets into lines and columns. */
export class SourceText {
  readonly #lineStarts: number[] = [0];

  constructor(readonly text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#lineStarts.push(at + 1);
  }

  positionAt(offset: number): Position {
    const end = Math.min(Math.max(offset, 0), this.text.length);
    let low = 0;
    for (let high = this.#lineStarts.length - 1; low < high;) {
      const middle = Math.ceil((low + high) / 2);
      if (this.lineStart(middle) <= end) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Array.from(this.text.slice(this.lineStart(low), end)).length + 1 };
  }

  /** The offset of a place; the text's end where the text has no such place. */
  offsetOf({ line, column }: Position): number {
    if (line > this.#lineStarts.length) return this.text.length;
    const start = this.lineStart(line - 1);
    return Math.min(
      start +
        Array.from(this.text.slice(start))
          .slice(0, column - 1)
          .join("").length,
      this.text.length,
    );
  }

  /** Offset of the first character of a line, which counts from 0. */
  lineStart(line: number): number {
    return this.#lineStarts[line] ?? this.text.length;
  }
}
