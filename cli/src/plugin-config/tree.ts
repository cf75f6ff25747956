/** A JSON value whose parts know where in the file they stand. All offsets are in UTF-16 code units from the start. */
export type Tree = ObjectTree | ArrayTree | ScalarTree;

export interface ObjectTree {
  kind: "object";
  start: number;
  members: Member[];
  /** Where a merge key (`<<`) of its own stands; undefined where it has none. */
  mergeKey?: number | undefined;
}

export interface Member {
  name: string;
  /** Where the name stands. */
  nameStart: number;
  value: Tree;
}

export interface ArrayTree {
  kind: "array";
  start: number;
  items: Tree[];
}

export interface ScalarTree {
  kind: "scalar";
  start: number;
  value: string | number | boolean | null;
  /** The value as JSON, numbers as they are written. */
  json: string;
  /** Whether the file has text of its own for it: the null of `key:` has none. */
  isWritten: boolean;
  /** For text: the offset in the file of a character of it. */
  offsetOf: (index: number) => number;
}

/** The upper part of a JSON value, without places: enough to see what it is. */
export function outlineOf(value: unknown, depth = 3): Tree {
  const start = 0;
  if (typeof value !== "object" || value === null) {
    const scalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
    return {
      kind: "scalar",
      start,
      value: scalar,
      json: JSON.stringify(scalar),
      isWritten: true,
      offsetOf: () => start,
    };
  }
  if (Array.isArray(value)) {
    return { kind: "array", start, items: depth === 0 ? [] : value.map((item) => outlineOf(item, depth - 1)) };
  }
  const entries = depth === 0 ? [] : Object.entries(value);
  const members = entries.map(([name, inner]) => ({ name, nameStart: start, value: outlineOf(inner, depth - 1) }));
  return { kind: "object", start, members };
}

/** The largest configuration, in characters of JSON; only aliases of aliases get there. */
const MAX_JSON = 4 * 1024 * 1024;

export class TooLarge extends Error {}

/** The value as JSON. @throws TooLarge where aliases make it grow beyond all use */
export function toJson(tree: Tree): string {
  let length = 0;
  const write = (part: Tree): string => {
    const json = writePart(part, write);
    length += json.length;
    if (length > MAX_JSON * 8 || json.length > MAX_JSON) throw new TooLarge("too large, with its aliases resolved");
    return json;
  };
  return write(tree);
}

function writePart(part: Tree, write: (part: Tree) => string): string {
  switch (part.kind) {
    case "object":
      return `{${part.members.map(({ name, value }) => `${JSON.stringify(name)}:${write(value)}`).join(",")}}`;
    case "array":
      return `[${part.items.map(write).join(",")}]`;
    case "scalar":
      return part.json;
  }
}

/** The member of this name; of several the last, which is the one that counts in JSON. */
export function member(tree: Tree | undefined, name: string): Member | undefined {
  return tree?.kind === "object" ? tree.members.findLast((candidate) => candidate.name === name) : undefined;
}

/** What is under these names, one below the other. */
export function valueAt(tree: Tree | undefined, ...names: string[]): Tree | undefined {
  return names.reduce((value: Tree | undefined, name) => member(value, name)?.value, tree);
}

/** What is at these steps, names and numbers of elements. */
export function treeAt(tree: Tree, steps: readonly (string | number)[]): Tree | undefined {
  return steps.reduce((value: Tree | undefined, step) => {
    if (typeof step === "string") return member(value, step)?.value;
    return value?.kind === "array" ? value.items[step] : undefined;
  }, tree);
}

/** The text under these names; undefined where there is none. */
export function textAt(tree: Tree | undefined, ...names: string[]): string | undefined {
  const value = valueAt(tree, ...names);
  return value?.kind === "scalar" && typeof value.value === "string" ? value.value : undefined;
}

/** The elements under these names; none where there is no list. */
export function itemsAt(tree: Tree | undefined, ...names: string[]): Tree[] {
  const value = valueAt(tree, ...names);
  return value?.kind === "array" ? value.items : [];
}
