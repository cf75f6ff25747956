/**
 * Reading of JSON whose shape is another program's: what is not there, or is something else, is undefined or empty. Names
 * are those of the protobuf fields, as Envoy's admin interface writes them.
 */

/** What is under these names, one below the other. */
export function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce((inner: unknown, name) => (isObject(inner) ? inner[name] : undefined), value);
}

/** The text under these names; undefined where there is none, or an empty one: protobuf does not tell them apart. */
export function textAt(value: unknown, ...names: readonly string[]): string | undefined {
  const found = at(value, ...names);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** The elements under these names; none where there is no list. */
export function listAt(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = at(value, ...names);
  return Array.isArray(found) ? found : [];
}

/** The texts among the elements under these names. */
export function textsAt(value: unknown, ...names: readonly string[]): string[] {
  return listAt(value, ...names).filter((item) => typeof item === "string");
}

/** The members under these names; none where there is no object. */
export function entriesAt(value: unknown, ...names: readonly string[]): [string, unknown][] {
  const found = at(value, ...names);
  return isObject(found) ? Object.entries(found) : [];
}

/** The number under these names; protobuf's JSON writes 64-bit ones as text, and leaves out zeros. */
export function countAt(value: unknown, ...names: readonly string[]): number {
  const found = at(value, ...names);
  const count = typeof found === "string" ? Number(found) : found;
  return typeof count === "number" && Number.isFinite(count) ? count : 0;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
