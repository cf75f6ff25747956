import { UsageError } from "../explain/usage-error.ts";

/** An address given on the command line. @throws UsageError */
export function parseAddress(option: string, text: string): URL {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new UsageError(`${option}: "${text}" is no address (use e.g. http://127.0.0.1:15000)`);
  }
  const address = new URL(text);
  if (address.username !== "" || address.password !== "") {
    throw new UsageError(`${option}: credentials do not belong into the address`);
  }
  return address;
}

/** A SHA-256, with or without `sha256:` before it, in small letters. @throws UsageError */
export function parseDigest(option: string, text: string): string {
  const digest = text.toLowerCase().replace(/^sha256:/, "");
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  throw new UsageError(`${option}: "${text}" is no SHA-256 (64 hexadecimal digits)`);
}
