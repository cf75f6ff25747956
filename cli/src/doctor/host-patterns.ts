/**
 * Whether a host can be both: matched by a lookup's pattern (exact, or `*.` and what it ends in) and by a virtual host's
 * domain of Envoy (exact, `*`, `*` and what it ends in, or what it begins with and `*`; perhaps with a port).
 */
export function overlaps(pattern: string, domain: string): boolean {
  const host = pattern.toLowerCase();
  const plain = domain.toLowerCase().replace(/:(?:\d+|\*)$/, "");
  if (plain === "*" || host === "*" || plain === host) return true;
  if (host.startsWith("*.")) return suffixOverlaps(host.slice(1), plain);
  if (plain.startsWith("*")) return isLonger(host, plain) && host.endsWith(plain.slice(1));
  return plain.endsWith("*") && isLonger(host, plain) && host.startsWith(plain.slice(0, -1));
}

/** @param suffix as in `.example.com`, of hosts that are longer */
function suffixOverlaps(suffix: string, domain: string): boolean {
  if (domain.startsWith("*")) return domain.endsWith(suffix) || suffix.endsWith(domain.slice(1));
  // What begins with some text may end in any other.
  return domain.endsWith("*") || (domain.endsWith(suffix) && domain.length > suffix.length);
}

/** A star stands for at least one character. */
function isLonger(host: string, wildcard: string): boolean {
  return host.length >= wildcard.length;
}
