import {
  type Alias,
  type CollectionTag,
  type Document,
  type Node,
  type Pair,
  type ScalarTag,
  type YAMLMap,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
} from "yaml";
import { scalarOffsets } from "./scalar-offsets.ts";
import type { Member, ScalarTree, Tree } from "./tree.ts";
import { unquotedStar, unquotedTemplate } from "./unquoted.ts";

/** Something wrong with a text as YAML or JSON. */
export interface Problem {
  offset: number;
  message: string;
}

/** A document of a file; without a tree where it is empty or too wrong to have one. */
export interface ParsedDocument {
  tree: Tree | undefined;
  problems: Problem[];
}

export interface ParseOptions {
  /** Whether a name given twice is a problem; true by default. */
  uniqueNames?: boolean;
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const TOO_DEEP = "nested too deeply to be read";
const STACK_OVERFLOW = /call stack/;

type Tag = ScalarTag | CollectionTag;

/** YAML 1.1 as Kubernetes reads it: with `yes`, `on` and merge keys, and without dates, binary and numbers to base 60. */
function kubernetesTags(tags: (Tag | string)[]): (Tag | string)[] {
  return tags.filter(
    (tag) => typeof tag !== "string" && tag.format !== "TIME" && !/:(?:timestamp|binary|omap|pairs|set)$/.test(tag.tag),
  );
}

/** Reads all documents of a YAML (or JSON) text. */
export function parseYaml(text: string, { uniqueNames = true }: ParseOptions = {}): ParsedDocument[] {
  try {
    const documents = parseAllDocuments(text, {
      schema: "yaml-1.1",
      customTags: kubernetesTags as never,
      merge: true,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: "silent",
    });
    return Array.from(documents, (document) => new TreeBuilder(text, document, uniqueNames).build());
  } catch (error) {
    // Parser and builder go down on the stack; the parser tells of most overflows itself.
    if (error instanceof RangeError) return [{ tree: undefined, problems: [{ offset: 0, message: TOO_DEEP }] }];
    throw error;
  }
}

class TreeBuilder {
  readonly #built = new Map<Node, Tree | "being built">();
  readonly #problems: Problem[] = [];

  constructor(
    private readonly text: string,
    private readonly document: Document.Parsed,
    private readonly uniqueNames: boolean,
  ) {}

  build(): ParsedDocument {
    const { errors, warnings } = this.document;
    // What a tab does to the lines around it is told before the tab, and is not what to mend.
    const tab = errors.find(({ code }) => code === "TAB_AS_INDENT");
    for (const { pos, message } of tab === undefined ? [...errors, ...warnings] : [tab]) {
      const said = STACK_OVERFLOW.test(message) ? TOO_DEEP : message;
      this.#report(pos[0], unquotedStar(this.text, pos[0]) ?? unquotedTemplate(this.text, pos[0]) ?? said);
    }
    const isBroken = this.#problems.length > 0;
    const { contents } = this.document;
    const isEmpty = contents === null || (isScalar(contents) && contents.source === "");
    const tree = isEmpty ? undefined : this.#node(contents);
    return { tree, problems: isBroken ? this.#first() : this.#problems };
  }

  /** What comes after the first mistake in the syntax is mostly its consequence. */
  #first(): Problem[] {
    return this.#problems.sort((a, b) => a.offset - b.offset).slice(0, 1);
  }

  #report(offset: number, message: string): void {
    // Every open bracket at the end of a text is reported at that end.
    if (this.#problems.some((problem) => problem.offset === offset && problem.message === message)) return;
    this.#problems.push({ offset, message });
  }

  #node(node: Node | null, fallback = 0): Tree {
    if (node === null) return this.#scalar(null, "null", fallback);
    const known = this.#built.get(node);
    if (known === "being built") {
      this.#report(startOf(node), "an anchor that holds an alias of itself");
      return this.#scalar(null, "null", startOf(node));
    }
    if (known !== undefined) return known;
    this.#built.set(node, "being built");
    const tree = this.#newNode(node);
    this.#built.set(node, tree);
    return tree;
  }

  #newNode(node: Node): Tree {
    const start = startOf(node);
    if (isAlias(node)) return this.#alias(node);
    if (isMap(node)) return { kind: "object", start, members: this.#members(node), mergeKey: this.#mergeKey(node) };
    if (isSeq(node)) return { kind: "array", start, items: node.items.map((item) => this.#node(item as Node, start)) };
    if (!isScalar(node)) return this.#scalar(null, "null", start);
    const { value, source = "" } = node;
    const isWritten = node.range?.[0] !== node.range?.[1];
    if (typeof value === "string") {
      const offsetOf = scalarOffsets(this.text, node);
      return { kind: "scalar", start, value, json: JSON.stringify(value), isWritten, offsetOf };
    }
    if (typeof value === "number") return this.#number(value, source, start);
    if (typeof value === "boolean") return this.#scalar(value, String(value), start);
    return { ...this.#scalar(null, "null", start), isWritten };
  }

  #alias(node: Alias): Tree {
    const target = node.resolve(this.document);
    if (target !== undefined) return this.#node(target, startOf(node));
    const start = startOf(node);
    this.#report(start, unquotedStar(this.text, start) ?? `alias of an anchor that is not there: ${node.source}`);
    return this.#scalar(null, "null", startOf(node));
  }

  #number(value: number, source: string, start: number): ScalarTree {
    if (!Number.isFinite(value)) this.#report(start, `${source} is no number that JSON has`);
    return this.#scalar(value, JSON_NUMBER.test(source) ? source : JSON.stringify(value), start);
  }

  #scalar(value: ScalarTree["value"], json: string, start: number): ScalarTree {
    return { kind: "scalar", start, value, json, isWritten: true, offsetOf: () => start };
  }

  #members(map: YAMLMap): Member[] {
    const members: Member[] = [];
    const merged: Member[] = [];
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const name = this.#name(pair.key);
      if (name === undefined) merged.push(...this.#merged(pair.value));
      else members.push({ name, nameStart: startOf(pair.key), value: this.#node(pair.value, startOf(pair.key)) });
    }
    if (this.uniqueNames) this.#reportRepeated(members);
    const own = new Set(members.map(({ name }) => name));
    // What is given goes before what is merged, and of several merged ones the first.
    for (const candidate of merged) {
      if (own.has(candidate.name)) continue;
      own.add(candidate.name);
      members.push(candidate);
    }
    return members;
  }

  #mergeKey(map: YAMLMap): number | undefined {
    const keys = (map.items as Pair<Node, Node | null>[]).map(({ key }) => key);
    const found = keys.find((key) => isScalar(key) && typeof key.value === "symbol");
    return found === undefined ? undefined : startOf(found);
  }

  #reportRepeated(members: readonly Member[]): void {
    const seen = new Set<string>();
    for (const { name, nameStart } of members) {
      if (seen.has(name)) this.#report(nameStart, `${JSON.stringify(name)} is given twice`);
      seen.add(name);
    }
  }

  /** The name a key gives; undefined for the merge key. */
  #name(key: Node): string | undefined {
    const target = isAlias(key) ? key.resolve(this.document) : key;
    if (!isScalar(target)) {
      this.#report(startOf(key), "a map or list as a key: keys are text");
      return "";
    }
    if (typeof target.value === "symbol") return undefined;
    if (typeof target.value === "string") return target.value;
    return target.source ?? String(target.value);
  }

  #merged(value: Node | null): Member[] {
    const tree = this.#node(value);
    const sources = tree.kind === "array" ? tree.items : [tree];
    return sources.flatMap((source) => {
      if (source.kind === "object") return source.members;
      this.#report(source.start, "only maps can be merged");
      return [];
    });
  }
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}
