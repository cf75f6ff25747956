/**
 * The filter marks each read, and believes a reply of Webdis only if it carries the mark of its very call. Marks are
 * different in every run, so people and recordings see this word in their place.
 */
const WORD = "MARK";

const MARKED = /^(.*\.json\?jsonp=)([A-Za-z0-9_]+)$/;

/** A path of Webdis without its mark; any other path as it is. */
export function withoutMark(path: string): string {
  return path.replace(MARKED, `$1${WORD}`);
}

/** What Webdis replies to a read: the value, null for none. */
export function bodyOfRead(value: string | null): Uint8Array {
  return Buffer.from(`${WORD}(${JSON.stringify({ GET: value })});\n`);
}

/** The value in a reply to a read, as it is easier to read; anything else as it stands. */
export function valueInBody(body: string): string {
  const json = new RegExp(String.raw`^${WORD}\((.*)\);\n$`, "s").exec(body)?.[1];
  if (json === undefined) return body;
  try {
    const value: unknown = (JSON.parse(json) as { GET?: unknown }).GET;
    return value === null ? "nil" : typeof value === "string" ? value : json;
  } catch {
    return json;
  }
}

/** A reply's body as it came, for a call to this path, without the call's mark. */
export function unmarkedBody(body: Uint8Array, path: string): Uint8Array {
  const mark = MARKED.exec(path)?.[2];
  return mark === undefined ? body : withPrefix(body, `${mark}(`, `${WORD}(`);
}

/** A reply's body as the filter expects it of a call to this path. */
export function markedBody(body: Uint8Array, path: string): Uint8Array {
  const mark = MARKED.exec(path)?.[2];
  return mark === undefined ? body : withPrefix(body, `${WORD}(`, `${mark}(`);
}

function withPrefix(body: Uint8Array, before: string, after: string): Uint8Array {
  const bytes = Buffer.from(body);
  if (!bytes.subarray(0, before.length).equals(Buffer.from(before))) return body;
  return Buffer.concat([Buffer.from(after), bytes.subarray(before.length)]);
}
