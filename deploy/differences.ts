/** The way to a field of a JSON value, from the outside in. */
export type FieldPath = readonly string[];

/** As in `lookups[0].service.timeout`; `.` for the value itself. */
export function pathText(path: FieldPath): string {
  const text = path.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join("");
  return text === "" ? "." : text.replace(/^\./, "");
}

/** The fields in which two JSON values differ, the outermost ones. */
export function differingFields(wanted: unknown, found: unknown): string[] {
  return differences(wanted, found, []).map(pathText);
}

/** The fields of objects that only `found` has. Lists are compared as a whole: none of their fields is one. */
export function addedFields(wanted: unknown, found: unknown, path: FieldPath = []): FieldPath[] {
  if (!isObject(wanted) || !isObject(found)) return [];
  return Object.keys(found).flatMap((name) =>
    name in wanted ? addedFields(wanted[name], found[name], [...path, name]) : [[...path, name]],
  );
}

function differences(wanted: unknown, found: unknown, path: FieldPath): FieldPath[] {
  if (Array.isArray(wanted) !== Array.isArray(found) || !isObject(wanted) || !isObject(found)) {
    return wanted === found ? [] : [path];
  }
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  return names.flatMap((name) => differences(wanted[name], found[name], [...path, name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
