/** Longer names are not compared: nobody mistypes them into one of ours. */
const MAX_LENGTH = 64;

/** The one of `known` that somebody who wrote `name` most likely meant, by the filter's own rule; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  // A third of the letters wrong is another word.
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  let nearest: string | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

/** `did you mean "callouts"?`, or what there is instead. */
export function hintFor(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `known here: ${known.join(", ")}` : `did you mean "${nearest}"?`;
}

/** How many letters to insert, remove or replace to make `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  if (a.length > MAX_LENGTH || b.length > MAX_LENGTH) return MAX_LENGTH;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? MAX_LENGTH;
}
