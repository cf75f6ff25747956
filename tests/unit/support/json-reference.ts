const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What JSON.parse makes of the bytes, or undefined when it refuses them or they are not UTF-8. */
export function parsedByNode(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(decoder.decode(bytes)) };
  } catch {
    return undefined;
  }
}

/** Whether a text that JSON.parse accepts has an escape for half a surrogate pair, which only JSON.parse accepts. */
export function hasHalfPair(bytes: Uint8Array): boolean {
  const strings = decoder.decode(bytes).match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  return strings.some((string) => /\p{Surrogate}/u.test(JSON.parse(string) as string));
}

/** The value a JSON Pointer leads to (RFC 6901), or undefined. */
export function followPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) value = /^(0|[1-9]\d*)$/.test(name) ? (value as unknown[])[Number(name)] : undefined;
    else if (typeof value === "object" && value !== null && Object.hasOwn(value, name)) {
      value = (value as Record<string, unknown>)[name];
    } else return undefined;
  }
  return value;
}
