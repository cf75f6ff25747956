import type { Tree } from "./tree.ts";

/** A step of a path: a member's name or an element's number. */
export type Step = string | number;

/** The filter's name for a configuration as a whole. */
const WHOLE = "pluginConfig";

const STEP = /\.?([\w-]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;

/**
 * Splits a line of the filter's, `path: problem`. Names that are no plain word stand in brackets and quotes, and may hold
 * a colon themselves.
 */
export function splitRefusal(line: string): { path: string; problem: string } {
  const end = endOfPath(line);
  if (end === 0 || !line.startsWith(": ", end)) return { path: "", problem: line };
  const path = line.slice(0, end);
  return { path: path === WHOLE ? "" : path, problem: line.slice(end + 2) };
}

function endOfPath(text: string): number {
  let end = 0;
  STEP.lastIndex = 0;
  while (STEP.test(text)) end = STEP.lastIndex;
  return end;
}

/** The steps of a path as in `lookups[0].match["a b"]`. What is no step ends it. */
export function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  for (let match = STEP.exec(path); match !== null; match = STEP.exec(path)) {
    const [, word, index, quoted] = match;
    if (word !== undefined) steps.push(word);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(unquote(quoted ?? ""));
  }
  return steps;
}

function unquote(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}

/** A path, from its steps. */
export function formatPath(steps: readonly Step[]): string {
  let path = "";
  for (const step of steps) {
    if (typeof step === "number") path += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) path += path === "" ? step : `.${step}`;
    else path += `[${JSON.stringify(step)}]`;
  }
  return path;
}

/** What of a member is meant: its name, or its value where that stands on its own. */
export type Part = "name" | "value";

/**
 * Offset of what a path names. Where the path goes on beyond what is there, it is the last thing that is there: a missing
 * field is pointed at by what should hold it. Objects, arrays and what is not written are pointed at by their names.
 */
export function locate(root: Tree, steps: readonly Step[], part: Part, rootNameStart = root.start): number {
  let tree = root;
  let nameStart: number | undefined = rootNameStart;
  for (const [depth, step] of steps.entries()) {
    const next = child(tree, step);
    if (next === undefined) return nameStart ?? tree.start;
    tree = next.value;
    nameStart = next.nameStart;
    if (depth === steps.length - 1 && part === "name") return nameStart ?? tree.start;
  }
  const standsAlone = tree.kind === "scalar" && tree.isWritten;
  return standsAlone ? tree.start : (nameStart ?? tree.start);
}

function child(tree: Tree, step: Step): { value: Tree; nameStart?: number } | undefined {
  if (typeof step === "number") {
    const item = tree.kind === "array" ? tree.items[step] : undefined;
    return item === undefined ? undefined : { value: item };
  }
  return tree.kind === "object" ? tree.members.findLast(({ name }) => name === step) : undefined;
}
