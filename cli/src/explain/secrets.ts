import type { Header } from "./call-outcome.ts";
import type { Outline } from "./outline.ts";

/** What stands in the place of a credential. */
export const MASK = "***";

/** Shorter ones would be found, and hidden, in words that have nothing to do with them. */
const SHORTEST = 4;

const CREDENTIAL_NAMES =
  /^(?:(?:proxy-)?authorization|cookie|set-cookie)$|(?:^|[-_])(?:token|secret|password|passwd|api-?key|auth|session|signature)(?:$|[-_])/;

/** Whether a header of this name holds a credential, as far as its name tells. */
export function isCredential(name: string): boolean {
  return CREDENTIAL_NAMES.test(name.toLowerCase());
}

/** The secrets of a configuration, and how they are kept out of what is shown and written. */
export class Secrets {
  readonly #texts: readonly string[];

  /** @param texts the secrets themselves */
  constructor(texts: readonly string[]) {
    // The longest first: one may be a part of another.
    this.#texts = texts.filter((text) => text.length >= SHORTEST).sort((a, b) => b.length - a.length);
  }

  /** The secrets of a configuration: Webdis' password, as it is and as it goes over the wire. */
  static of({ webdis, passwordEnv }: Outline, environment: Readonly<Record<string, string>>): Secrets {
    const password = passwordEnv === "" ? (webdis?.password ?? "") : (environment[passwordEnv] ?? "");
    if (password === "") return new Secrets([]);
    return new Secrets([password, Buffer.from(`${webdis?.username ?? ""}:${password}`).toString("base64")]);
  }

  /** `text` with every secret in it masked. */
  mask(text: string): string {
    return this.#texts.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  }

  /** The value of a header, to be shown. */
  maskHeader(name: string, value: string): string {
    return isCredential(name) ? MASK : this.mask(value);
  }

  /** Headers, to be shown. */
  maskHeaders(headers: readonly Header[]): Header[] {
    return headers.map(([name, value]) => [name, this.maskHeader(name, value)]);
  }
}
