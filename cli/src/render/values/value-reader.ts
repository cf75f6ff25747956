import { type Part, type Step, formatPath, locate } from "../../plugin-config/config-path.ts";
import type { Diagnostic, SourceText } from "../../plugin-config/diagnostic.ts";
import { type Tree, member } from "../../plugin-config/tree.ts";
import { hintFor } from "../../nearest-name.ts";

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

  /** Takes what follows from something that is reported already. */
  muted(): Findings {
    return new Findings(this.source, this.root);
  }
}

/** What a text has to be: a pattern, and words for what would be right. */
export interface TextRule {
  readonly pattern: RegExp;
  /** As in `is not ${what}`, with an example. */
  readonly what: string;
  /** Characters at most. */
  readonly most?: number;
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

  get isGiven(): boolean {
    return this.tree !== undefined;
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
    const isTooLong = rule.most !== undefined && value.length > rule.most;
    if (isTooLong || !rule.pattern.test(value)) this.refuse(`${JSON.stringify(value)} is not ${rule.what}`);
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

  /** @param least how many elements there have to be */
  list(least = 0): ValueReader[] {
    if (!this.isGiven) return [];
    if (this.tree?.kind === "array") {
      if (this.tree.items.length < least) this.refuse("empty");
      return this.tree.items.map((item, index) => new ValueReader(item, [...this.steps, index], this.findings));
    }
    this.refuse(`${this.shown} is not an array`);
    return [];
  }

  /** An object whose names are free. @param least how many there have to be */
  entries(least = 0): { name: string; value: ValueReader }[] {
    if (!this.isGiven) return [];
    if (this.tree?.kind === "object") {
      if (this.tree.members.length < least) this.refuse("empty");
      return this.tree.members.map(({ name, value }) => ({
        name,
        value: new ValueReader(value, [...this.steps, name], this.findings),
      }));
    }
    this.refuse(`${this.shown} is not an object`);
    return [];
  }

  /** Labels that choose pods: none would choose all. */
  labels(rule: TextRule): Record<string, string> {
    return Object.fromEntries(this.entries(1).map(({ name, value }) => [name, value.requiredText(rule)]));
  }

  /** An object with fields of its own; whatever `read` does not ask for is an unknown field. */
  object<T>(read: (field: (name: string) => ValueReader) => T): T {
    const isWrong = this.isGiven && this.tree?.kind !== "object";
    if (isWrong) this.refuse(`${this.shown} is not an object`);
    const findings = isWrong ? this.findings.muted() : this.findings;
    const known: string[] = [];
    const result = read((name) => {
      known.push(name);
      return new ValueReader(member(this.tree, name)?.value, [...this.steps, name], findings);
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
