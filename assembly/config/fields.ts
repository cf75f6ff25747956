import { ByteBuffer, textOf } from "as-bytes/assembly";
import { JsonKind } from "as-strict-json/assembly";
import { printable } from "../request/quote";
import { nearestName } from "./nearest-name";
import { MOST_ELEMENTS, Value } from "./value";

const decodedKey = new ByteBuffer();

/**
 * The fields of one object of the configuration. What is asked for with `get` is known; `finish` reports what is given
 * beyond that, so that the list of an object's fields is nowhere but where they are read.
 */
export class Fields {
  /** The names as given, in their order, each once. */
  readonly names: Array<string> = [];
  private nodes: Map<string, i32> = new Map();
  private known: Array<string> = [];

  private constructor(private owner: Value) {
    const document = owner.document;
    for (let node = document.firstChild(owner.node); node >= 0; node = document.nextSibling(node)) {
      document.appendKey(node, decodedKey.clear());
      const name = textOf(decodedKey.view());
      if (this.nodes.has(name)) owner.errors.add(this.pathOf(name, node), "given twice");
      else this.names.push(name);
      this.nodes.set(name, node);
    }
  }

  /** Those of a value; null when nothing is given, or something else than an object. */
  static of(value: Value): Fields | null {
    if (value.isGiven && value.kind != JsonKind.Object) value.refuse(value.quoted + " is not an object");
    if (value.kind != JsonKind.Object || value.errors.cutsOff()) return null;
    const count = value.document.childCount(value.node);
    if (count <= MOST_ELEMENTS) return new Fields(value);
    value.refuse(`${count} given (at most ${MOST_ELEMENTS})`);
    return null;
  }

  has(name: string): bool {
    return this.nodes.has(name);
  }

  /** The field's value, whose `isGiven` says whether there is one. */
  get(name: string): Value {
    this.known.push(name);
    return this.member(name);
  }

  /** The value under one of `names`, in an object whose names are free; such a one has no `finish`. */
  member(name: string): Value {
    const node = this.nodes.has(name) ? this.nodes.get(name) : -1;
    return new Value(this.owner.document, node, this.pathOf(name, node), this.owner.errors);
  }

  /** Reports every field that nobody asked for. */
  finish(): void {
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i];
      if (this.known.includes(name)) continue;
      const hint = this.owner.errors.isFull ? "" : this.hintFor(name);
      this.owner.errors.add(this.pathOf(name, this.nodes.get(name)), "unknown field (" + hint + ")");
    }
  }

  private hintFor(name: string): string {
    const nearest = nearestName(name, this.known);
    return nearest.length > 0 ? `did you mean "${nearest}"?` : "known here: " + this.known.join(", ");
  }

  /** `a.b`, or `a["b c"]` where the name would not be told from the path around it. */
  private pathOf(name: string, node: i32): string {
    const path = this.owner.path;
    if (isPlain(name)) return path.length == 0 ? name : path + "." + name;
    return path + '["' + printable(textOf(this.owner.document.key(node))) + '"]';
  }
}

/** Whether a name is made of letters, digits, `-` and `_`, and not too long to be repeated. */
function isPlain(name: string): bool {
  if (name.length == 0 || name.length > 60) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isLetter && !isDigit && code != 0x2d && code != 0x5f) return false;
  }
  return true;
}
