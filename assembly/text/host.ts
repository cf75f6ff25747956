import { ByteBuffer, Slice, byteAt, hexValue, indexOf, isDigit, lengthOf, lowerCase, sub } from "as-bytes/assembly";
import { escapedByte, isUnreserved } from "./percent-encoding";
import { isSubDelimiter } from "./url-characters";

const POINT: i32 = 0x2e;
const COLON: i32 = 0x3a;
const OPEN_BRACKET: i32 = 0x5b;
const CLOSE_BRACKET: i32 = 0x5d;

const MAX_PORT: i32 = 65535;

/**
 * Writes the host of an authority (`:authority`, `Host`) as hosts are compared: in lower case, without port and without
 * the dot of a fully qualified name. The brackets of an IPv6 literal stay.
 */
export function appendNormalizedHost(into: ByteBuffer, authority: Slice): void {
  let end = hostEnd(authority);
  if (end > 1 && byteAt(authority, end - 1) == POINT) end--;
  for (let i = 0; i < end; i++) into.byte(lowerCase(byteAt(authority, i)));
}

/**
 * Whether this is a host with or without a port by RFC 3986 §3.2.2 and RFC 9110 §7.2: a name, an IPv4 address or an IPv6
 * literal in brackets. No user information: nobody sends it, and it makes one host look like another one.
 */
export function isValidAuthority(authority: Slice): bool {
  const end = hostEnd(authority);
  const host = sub(authority, 0, end);
  if (byteAt(host, 0) == OPEN_BRACKET ? !isIpLiteral(host) : !isRegisteredName(host)) return false;
  return end == lengthOf(authority) || isPort(sub(authority, end + 1));
}

/** Where the host ends: at the colon before the port, or at the end. */
function hostEnd(authority: Slice): i32 {
  // The colons of an IPv6 literal stand between its brackets.
  const from = byteAt(authority, 0) == OPEN_BRACKET ? indexOf(authority, CLOSE_BRACKET) : 0;
  const colon = from < 0 ? -1 : indexOf(authority, COLON, from);
  return colon < 0 ? lengthOf(authority) : colon;
}

function isIpLiteral(host: Slice): bool {
  const last = lengthOf(host) - 1;
  if (byteAt(host, last) != CLOSE_BRACKET) return false;
  let colons = 0;
  for (let i = 1; i < last; i++) {
    const byte = byteAt(host, i);
    if (byte == COLON) colons++;
    else if (hexValue(byte) < 0 && byte != POINT) return false;
  }
  // The shortest is `[::]`; eight groups have seven colons, and `::` may stand in place of the first or last group.
  return colons >= 2 && colons <= 8;
}

function isRegisteredName(host: Slice): bool {
  const length = lengthOf(host);
  for (let i = 0; i < length; i++) {
    const byte = byteAt(host, i);
    if (!isUnreserved(byte) && !isSubDelimiter(byte) && escapedByte(host, i) < 0) return false;
  }
  return length > 0;
}

/** RFC 3986 allows an empty port, but a gateway that sends one has a typing error in its data. */
function isPort(port: Slice): bool {
  const length = lengthOf(port);
  if (length == 0 || length > 5) return false;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const byte = byteAt(port, i);
    if (!isDigit(byte)) return false;
    value = value * 10 + (byte - 0x30);
  }
  return value >= 1 && value <= MAX_PORT;
}
