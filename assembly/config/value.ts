import { ByteBuffer, lengthOf, persist, release, textOf } from "as-bytes/assembly";
import { JsonDocument, JsonKind } from "as-strict-json/assembly";
import {
  DURATION_TOO_LONG,
  NEGATIVE_DURATION,
  NOT_A_DURATION,
  NOT_WHOLE_MILLISECONDS,
  formatDuration,
  parseDuration,
} from "./duration";
import { printable } from "../request/quote";
import { ConfigErrors } from "./errors";
import { NOT_A_PERCENTAGE, parsePercentage } from "./percentage";
import { NOT_A_SIZE, formatSize, parseSize } from "./size";

/** The longest text, in characters, where nothing else is said. */
export const MAX_TEXT: i32 = 4096;

/** How many elements a list may have, and an object names. All of them are garbage together until reading is over. */
export const MOST_ELEMENTS: i32 = 4096;

const decoded = new ByteBuffer();

/**
 * A value of the configuration, or the place where one could have been given. Each reading method returns its fallback
 * when nothing is given, and also, after an error, when something else is given than it reads.
 */
export class Value {
  constructor(
    readonly document: JsonDocument,
    /** The value's node in the document; -1 when nothing is given. */
    readonly node: i32,
    /** Where it is, as in `lookups[0].match.paths[1]`. */
    readonly path: string,
    readonly errors: ConfigErrors,
  ) {}

  get isGiven(): bool {
    return this.node >= 0;
  }

  get kind(): JsonKind {
    return this.document.kind(this.node);
  }

  /** Whether it is a list with nothing in it. */
  get isEmptyList(): bool {
    return this.kind == JsonKind.Array && this.document.childCount(this.node) == 0;
  }

  get isTrue(): bool {
    return this.kind == JsonKind.True;
  }

  get isFalse(): bool {
    return this.kind == JsonKind.False;
  }

  refuse(problem: string): void {
    this.errors.add(this.path, problem);
  }

  /** Whether it is given; if not, that is an error. `what` says what is to be given. */
  isGivenAs(what: string): bool {
    if (!this.isGiven) this.refuse("missing (" + what + ")");
    return this.isGiven;
  }

  /** The value as written, for messages; what is long is cut, objects and arrays are only named. */
  get quoted(): string {
    switch (this.kind) {
      case JsonKind.Object:
        return "an object";
      case JsonKind.Array:
        return "an array";
      case JsonKind.String:
        return '"' + printable(this.raw) + '"';
      default:
        return printable(this.raw);
    }
  }

  bool(fallback: bool): bool {
    if (this.isTrue) return true;
    if (this.isFalse) return false;
    if (this.isGiven) this.refuse(this.quoted + " is not true or false");
    return fallback;
  }

  /** A text of at most `most` characters. */
  text(fallback: string, most: i32 = MAX_TEXT): string {
    if (!this.isGiven) return fallback;
    if (this.kind != JsonKind.String) {
      // Without the value: it may be a password that is all digits.
      this.refuse("not a string");
      return fallback;
    }
    const text = this.string;
    if (text.length <= most) return text;
    this.refuse("too long (at most " + most.toString() + " characters)");
    return fallback;
  }

  /** A text that is not empty. */
  nonEmptyText(fallback: string, most: i32 = MAX_TEXT): string {
    const text = this.text(fallback, most);
    if (this.kind != JsonKind.String || this.string.length > 0) return text;
    this.refuse("empty");
    return fallback;
  }

  /** A text that has to be given, and not be empty; empty after an error. `what` says what is to be given. */
  requiredText(what: string, most: i32 = MAX_TEXT): string {
    return this.isGivenAs(what) ? this.nonEmptyText("", most) : "";
  }

  /** A whole number in any notation: proxies hand numbers over as doubles. */
  integer(fallback: i32, least: i32, most: i32): i32 {
    if (!this.isGiven) return fallback;
    const number = this.document.integer(this.node);
    if (this.document.isInteger(this.node) && number >= <i64>least && number <= <i64>most) return <i32>number;
    this.refuse(`${this.quoted} is not a whole number from ${least.toString()} to ${most.toString()}`);
    return fallback;
  }

  /** Milliseconds. */
  duration(fallback: i64, least: i64, most: i64): i64 {
    if (!this.isGiven) return fallback;
    const duration = this.kind == JsonKind.String ? parseDuration(this.string) : NOT_A_DURATION;
    if (duration >= least && duration <= most) return duration;
    this.refuse(this.quoted + problemOfDuration(duration, least, most));
    return fallback;
  }

  /** Bytes. */
  size(fallback: i64, least: i64, most: i64): i64 {
    if (!this.isGiven) return fallback;
    const size = this.kind == JsonKind.String ? parseSize(this.string) : NOT_A_SIZE;
    if (size >= least && size <= most) return size;
    if (size == NOT_A_SIZE) this.refuse(this.quoted + " is not a size (use e.g. 64KiB, 8MiB)");
    else if (size < least) this.refuse(this.quoted + " is too small (at least " + formatSize(least) + ")");
    else this.refuse(this.quoted + " is too large (at most " + formatSize(most) + ")");
    return fallback;
  }

  /** From 0 to 100. */
  percentage(fallback: f64): f64 {
    if (!this.isGiven) return fallback;
    const percentage = this.kind == JsonKind.String ? parsePercentage(this.string) : NOT_A_PERCENTAGE;
    if (percentage != NOT_A_PERCENTAGE) return percentage;
    this.refuse(this.quoted + " is not a percentage from 0% to 100% (use e.g. 10%)");
    return fallback;
  }

  /** The elements of an array, after an error only so many; none, after another one, when something else is given. */
  items(most: i32 = MOST_ELEMENTS): Array<Value> {
    const elements: Array<Value> = [];
    if (this.isGiven && this.kind != JsonKind.Array) this.refuse(this.quoted + " is not an array");
    if (this.kind != JsonKind.Array || this.errors.cutsOff()) return elements;
    const count = this.document.childCount(this.node);
    if (count > most) this.refuse(`${count} given (at most ${most})`);
    let node = this.document.firstChild(this.node);
    for (; node >= 0 && elements.length < most; node = this.document.nextSibling(node)) {
      elements.push(new Value(this.document, node, this.path + "[" + elements.length.toString() + "]", this.errors));
    }
    return elements;
  }

  /** The field of an object; nothing in anything else, which is for another reader to refuse. */
  at(name: string): Value {
    const bytes = persist(name);
    const node = this.document.member(this.node, bytes);
    release(bytes);
    const path = this.path.length == 0 ? name : this.path + "." + name;
    return new Value(this.document, node, path, this.errors);
  }

  private get raw(): string {
    return textOf(this.document.raw(this.node));
  }

  private get string(): string {
    this.document.appendText(this.node, decoded.clear());
    return lengthOf(decoded.view()) == 0 ? "" : textOf(decoded.view());
  }
}

function problemOfDuration(duration: i64, least: i64, most: i64): string {
  if (duration == NOT_A_DURATION) return " is not a duration (use e.g. 250ms, 1m30s)";
  if (duration == NEGATIVE_DURATION) return " is negative";
  if (duration == NOT_WHOLE_MILLISECONDS) return " is not a whole number of milliseconds";
  if (duration == DURATION_TOO_LONG || duration > most) return " is too long (at most " + formatDuration(most) + ")";
  return " is too short (at least " + formatDuration(least) + ")";
}
