import { type Step, parsePath } from "../plugin-config/config-path.ts";
import { type Tree, member } from "../plugin-config/tree.ts";
import { parseYaml } from "../plugin-config/yaml-tree.ts";

/** The value of a `--set` could not be used; the message says what would be right. */
export class BadOverride extends Error {}

/** The values with what `--set path=value` says in them, as in `module.sha256=…` or `callouts.routing.port=8080`. */
export function withOverrides(root: Tree, overrides: readonly string[]): Tree {
  return overrides.reduce((tree, override) => setAt(tree, ...splitOverride(override)), root);
}

function splitOverride(override: string): [Step[], Tree] {
  const end = override.indexOf("=");
  const path = override.slice(0, end);
  const steps = parsePath(path);
  if (end <= 0 || steps.length === 0)
    throw new BadOverride(`--set ${override}: not path=value (use e.g. module.sha256=…)`);
  const [document] = parseYaml(override.slice(end + 1));
  if (document === undefined || document.problems.length > 0)
    throw new BadOverride(`--set ${override}: ${document?.problems[0]?.message ?? "no value"}`);
  const value = document.tree ?? textTree("");
  // A digest may have digits only, and is no number for that; so is everything that looks like one and is none in JSON.
  if (value.kind === "scalar" && typeof value.value === "number" && String(value.value) !== override.slice(end + 1))
    return [steps, textTree(override.slice(end + 1))];
  return [steps, value];
}

function textTree(value: string): Tree {
  return { kind: "scalar", start: 0, value, json: JSON.stringify(value), isWritten: true, offsetOf: () => 0 };
}

function setAt(tree: Tree | undefined, steps: readonly Step[], value: Tree): Tree {
  const [step, ...rest] = steps;
  if (step === undefined) return tree === undefined ? value : { ...value, start: tree.start };
  if (typeof step === "number") {
    if (tree?.kind !== "array" || tree.items[step] === undefined)
      throw new BadOverride(`--set: there is no element [${step}] to set`);
    return { ...tree, items: tree.items.map((item, index) => (index === step ? setAt(item, rest, value) : item)) };
  }
  const start = tree?.start ?? 0;
  const before = tree?.kind === "object" ? tree.members : [];
  const known = member(tree, step);
  const changed = { name: step, nameStart: known?.nameStart ?? start, value: setAt(known?.value, rest, value) };
  const members = known === undefined ? [...before, changed] : before.map((each) => (each === known ? changed : each));
  return { kind: "object", start, members };
}
