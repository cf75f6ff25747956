/** An HTTP/1.1 response as it comes over the wire, whatever it says of its length. */
export class RawResponse {
  #text = "";

  add(bytes: Buffer): void {
    this.#text += bytes.toString("latin1");
  }

  /** Whether all is there that the header promises. */
  get isComplete(): boolean {
    const head = this.#head;
    if (head === undefined) return false;
    if (this.#headers["transfer-encoding"] === "chunked") return /(^|\r\n)0\r\n\r\n/.test(this.#rest);
    return this.#rest.length >= Number(this.#headers["content-length"] ?? "0");
  }

  /** The body is all that follows the header: more than it promises, too. */
  get view(): { status: number; headers: Record<string, string>; body: string } {
    const headers = this.#headers;
    const body = headers["transfer-encoding"] === "chunked" ? decodeChunks(this.#rest) : this.#rest;
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(this.#text)?.[1]), headers, body };
  }

  get #head(): string | undefined {
    const end = this.#text.indexOf("\r\n\r\n");
    return end < 0 ? undefined : this.#text.slice(0, end);
  }

  get #rest(): string {
    return this.#text.slice((this.#head ?? "").length + 4);
  }

  get #headers(): Record<string, string> {
    const lines = (this.#head ?? "").split("\r\n").slice(1);
    return Object.fromEntries(
      lines.map((line): [string, string] => [line.replace(/:.*/, "").toLowerCase(), line.replace(/^[^:]*:\s*/, "")]),
    );
  }
}

function decodeChunks(text: string): string {
  let body = "";
  for (let rest = text; ;) {
    const size = Number.parseInt(rest, 16);
    const start = rest.indexOf("\r\n") + 2;
    if (!(size > 0)) return body;
    body += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
}
