import { type Part, type Step, formatPath, locate } from "../../plugin-config/config-path.ts";
import type { Diagnostic, SourceText } from "../../plugin-config/diagnostic.ts";
import { type Tree, member } from "../../plugin-config/tree.ts";
import { hintFor } from "./nearest-name.ts";

/** Collects what is wrong with a values file, each with its place. */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];

  constructor(
    private readonly source: SourceText,
    private readonly root: Tree,
  ) {}

  report(severity: Diagnostic["severity"], steps: readonly Step[], message: string, part: Part = "value"): void {
    const position = this.source.positionAt(locate(this.root, steps, part));
    this.diagnostics.push({ severity, path: formatPath(steps), message, position, document: "" });
  }

  get hasErrors(): boolean {
    return this.diagnostics.some(({ severity }) => severity === "error");
  }
}

/** What a text has to be: a pattern, and words for what would be right. */
export interface TextRule {
  readonly pattern: RegExp;
  /** As in `is not ${what}`, with an example. */
  readonly what: string;
}

/**
 * One value of a values file, and how it is read: every method reports what is wrong and then goes on with something of the
 * right type, so that all mistakes are told at once. Nothing of a file with errors is used.
 */
export class ValueReader {
  constructor(
    readonly tree: Tree | undefined,
    readonly steps: readonly Step[],
    readonly findings: Findings,
  ) {}

  /** Whether there is a value; null counts as none, as in Helm's values. */
  get isGiven(): boolean {
    return this.tree !== undefined && !(this.tree.kind === "scalar" && this.tree.value === null);
  }

  refuse(message: string, part: Part = "value"): void {
    this.findings.report("error", this.steps, message, part);
  }

  warn(message: string): void {
    this.findings.report("warning", this.steps, message);
  }

  /** Reports it when nothing is given. */
  require(what: string): this {
    if (!this.isGiven) this.refuse(`missing (${what})`);
    return this;
  }

  text(rule: TextRule): string | undefined {
    if (!this.isGiven) return undefined;
    if (this.tree?.kind !== "scalar" || typeof this.tree.value !== "string") {
      this.refuse(`not a string (${rule.what})`);
      return undefined;
    }
    const { value } = this.tree;
    if (!rule.pattern.test(value)) this.refuse(`${JSON.stringify(value)} is not ${rule.what}`);
    return value;
  }

  requiredText(rule: TextRule): string {
    return this.require(rule.what).text(rule) ?? "";
  }

  oneOf<T extends string>(choices: readonly T[]): T | undefined {
    if (!this.isGiven) return undefined;
    const value = this.tree?.kind === "scalar" ? this.tree.value : undefined;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) this.refuse(`${this.shown} is none of ${choices.join(", ")}`);
    return choice;
  }

  integer(least: number, most: number): number | undefined {
    if (!this.isGiven) return undefined;
    const value = this.tree?.kind === "scalar" ? this.tree.value : undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    this.refuse(`${this.shown} is not a whole number from ${least} to ${most}`);
    return undefined;
  }

  boolean(): boolean | undefined {
    if (!this.isGiven) return undefined;
    if (this.tree?.kind === "scalar" && typeof this.tree.value === "boolean") return this.tree.value;
    this.refuse(`${this.shown} is not true or false`);
    return undefined;
  }

  list(): ValueReader[] {
    if (!this.isGiven) return [];
    if (this.tree?.kind === "array") {
      return this.tree.items.map((item, index) => new ValueReader(item, [...this.steps, index], this.findings));
    }
    this.refuse(`${this.shown} is not an array`);
    return [];
  }

  /** An object whose names are free. */
  entries(): { name: string; value: ValueReader }[] {
    if (!this.isGiven) return [];
    if (this.tree?.kind === "object") {
      return this.tree.members.map(({ name, value }) => ({
        name,
        value: new ValueReader(value, [...this.steps, name], this.findings),
      }));
    }
    this.refuse(`${this.shown} is not an object`);
    return [];
  }

  /** An object of texts, such as labels. */
  texts(rule: TextRule): Record<string, string> {
    return Object.fromEntries(this.entries().map(({ name, value }) => [name, value.requiredText(rule)]));
  }

  /** An object with fields of its own; whatever `read` does not ask for is an unknown field. */
  object<T>(read: (field: (name: string) => ValueReader) => T): T {
    if (this.isGiven && this.tree?.kind !== "object") this.refuse(`${this.shown} is not an object`);
    const known: string[] = [];
    const result = read((name) => {
      known.push(name);
      return new ValueReader(member(this.tree, name)?.value, [...this.steps, name], this.findings);
    });
    for (const { name } of this.tree?.kind === "object" ? this.tree.members : []) {
      if (known.includes(name)) continue;
      this.findings.report("error", [...this.steps, name], `unknown field (${hintFor(name, known)})`, "name");
    }
    return result;
  }

  /** The value in a message. */
  private get shown(): string {
    if (this.tree?.kind === "scalar") return this.tree.json;
    return this.tree?.kind === "array" ? "an array" : "an object";
  }
}
