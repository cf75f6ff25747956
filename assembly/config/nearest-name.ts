import { lowerCase } from "as-bytes/assembly";

/** Longer names are not compared: nobody mistypes them into one of ours. */
const MAX_LENGTH: i32 = 64;

/** The one of `known` that somebody who wrote `name` most likely meant; empty when none is near. */
export function nearestName(name: string, known: Array<string>): string {
  let nearest = "";
  // A third of the letters wrong is another word.
  let least = max(1, name.length / 3) + 1;
  for (let i = 0; i < known.length; i++) {
    const distance = editDistance(name, known[i]);
    if (distance < least) {
      least = distance;
      nearest = known[i];
    }
  }
  return nearest;
}

/** How many letters to insert, remove or replace to make `a` into `b` (Levenshtein); their case does not count. */
function editDistance(a: string, b: string): i32 {
  if (a.length > MAX_LENGTH || b.length > MAX_LENGTH) return MAX_LENGTH;
  let row = new Array<i32>(b.length + 1);
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const next = new Array<i32>(b.length + 1);
    next[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (lowerCase(a.charCodeAt(i - 1)) == lowerCase(b.charCodeAt(j - 1)) ? 0 : 1);
      next[j] = min(replaced, min(row[j], next[j - 1]) + 1);
    }
    row = next;
  }
  return row[b.length];
}
