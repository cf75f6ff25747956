/**
 * What a message may carry, written down a second time from the RFCs: slow, plain, and in another language than the
 * filter. Texts are bytes as Latin-1.
 */

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 3986 §3.3 and §3.4: a path, then perhaps a query. */
const PATH_AND_QUERY =
  /^\/(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*(?:\?(?:[\w\-.~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?$/;

/** RFC 3986 §3.2.2 and §3.2.3, with the port's range. */
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[\w\-.~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::(\d{1,5}))?$/;

const ONLY_THE_PROXYS = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "trailer",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
  "http2-settings",
  "proxy-authenticate",
  "proxy-authorization",
]);

/** Whether a record may set or remove a header of that name, in lower case as HTTP/2 writes it. */
export function isSettableName(name: string): boolean {
  return TOKEN.test(name) && name === name.toLowerCase() && !ONLY_THE_PROXYS.has(name);
}

/** RFC 9110 §5.5 without obs-text that is not UTF-8, RFC 9113 §8.2.1. */
export function isHeaderValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return false;
  }
  return !/^[ \t]|[ \t]$/.test(value);
}

/** Whether a path that somebody's data made may be sent upstream. */
export function isSafePath(path: string): boolean {
  if (!PATH_AND_QUERY.test(path)) return false;
  const [beforeQuery = ""] = path.split("?");
  // As the most lenient upstream reads it: everything decoded, backslashes as slashes, parameters dropped.
  const segments = decodeURIComponentAsLatin1(beforeQuery).split(/[/\\]/);
  return segments.every((segment) => !/^\.\.?(?:;|$)/.test(segment));
}

export function isHost(host: string): boolean {
  const match = AUTHORITY.exec(host);
  if (!match) return false;
  const port = match[1] === undefined ? 1 : Number(match[1]);
  return port >= 1 && port <= 65535;
}

function decodeURIComponentAsLatin1(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
