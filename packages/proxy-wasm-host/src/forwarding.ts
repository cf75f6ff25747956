import type { HeaderMap } from "./header-map.ts";

/** Why a request is not forwarded, and what the router or the codec answers instead. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  /** In the words of a violation. */
  readonly text: string;
}

/** Headers that no request is forwarded without. A test need not send them; but a filter must not remove them. */
const REQUIRED: Readonly<Record<string, Refusal>> = {
  ":path": { status: 404, text: "no :path", body: "" },
  ":method": { status: 503, text: "no :method", body: "missing required header: :method" },
  // Envoy sets it before the filters run, and no route matches without it.
  "x-forwarded-proto": { status: 404, text: "no x-forwarded-proto", body: "" },
};

/** Looks at the headers of one request when it comes, and again when it is to be forwarded. */
export class ForwardingCheck {
  #required: string[] = [];

  noteReceived(headers: HeaderMap): void {
    this.#required = Object.keys(REQUIRED).filter((name) => headers.has(name));
  }

  refusalOf(headers: HeaderMap): Refusal | undefined {
    const missing = this.#required.find((name) => !headers.has(name));
    if (missing !== undefined) return REQUIRED[missing];
    const name = headers.findInvalidName();
    if (name !== undefined) {
      return { status: 503, text: `a header named ${JSON.stringify(name)}`, body: `invalid header name: ${name}` };
    }
    const unsendable = headers.findUnsendable();
    if (unsendable === undefined) return undefined;
    const text = `CR, LF or NUL in ${unsendable}`;
    return { status: 503, text, body: `invalid header value for: ${unsendable}` };
  }
}
