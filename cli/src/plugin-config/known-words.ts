import { hintFor } from "../nearest-name.ts";
import type { Step } from "./config-path.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { type DocumentPlace, manifestDiagnostic } from "./plugin-config-source.ts";
import { type Tree, treeAt } from "./tree.ts";

/** A field of a manifest that takes one of a few words; `path` may have `*` for every element of a list. */
export interface WordField {
  readonly path: readonly Step[];
  readonly words: readonly string[];
}

/** What is wrong with the fields that take one of a few words: what is none of them is refused, or taken for no word at all. */
export function unknownWords(place: DocumentPlace, fields: readonly WordField[]): Diagnostic[] {
  return fields.flatMap(({ path, words }) =>
    pathsOf(place.root, path).flatMap((steps) => {
      const value = treeAt(place.root, steps);
      if (value === undefined || isKnown(value, words)) return [];
      return [manifestDiagnostic(place, "error", steps, problemWith(value, words))];
    }),
  );
}

/** A path for every element that is there, in place of one with `*`. */
function pathsOf(root: Tree, path: readonly Step[]): Step[][] {
  const star = path.indexOf("*");
  if (star < 0) return [[...path]];
  const list = treeAt(root, path.slice(0, star));
  const items = list?.kind === "array" ? list.items : [];
  return items.flatMap((_, index) => pathsOf(root, [...path.slice(0, star), index, ...path.slice(star + 1)]));
}

function isKnown(value: Tree, words: readonly string[]): boolean {
  // What is null is not given.
  return value.kind === "scalar" && (value.value === null || words.includes(String(value.value)));
}

function problemWith(value: Tree, words: readonly string[]): string {
  if (value.kind !== "scalar") return `not one of ${words.join(", ")}`;
  const word = String(value.value);
  const same = words.find((known) => known.toLowerCase() === word.toLowerCase());
  return `${value.json} is not known (${same === undefined ? hintFor(word, words) : `write ${same}`})`;
}
