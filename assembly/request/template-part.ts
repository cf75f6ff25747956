import { NONE, Slice, equal, isPresent, release } from "as-bytes/assembly";
import { JsonPointer } from "as-strict-json/assembly";
import { Needs } from "./needs";

/** What a part of a template stands for. */
export enum PartKind {
  /** Itself. */
  Literal,
  Host,
  Path,
  PathSegment,
  /** The path from a segment on. */
  PathFrom,
  /** The same with the slash before it; nothing at all where there is no such segment. */
  SlashPathFrom,
  Rest,
  Query,
  QueryParameter,
  Method,
  Scheme,
  Header,
  Cookie,
  /** A value of the record that the template is applied for. */
  Record,
  /** A value of an earlier lookup's record. */
  LookupRecord,
}

/** A literal or a value of a compiled template. */
export class TemplatePart {
  /** The literal's bytes; the name of a header (lower case), cookie, query parameter or lookup; else `NONE`. */
  text: Slice = NONE;
  /** The number of a path segment, from 0: of that one, or of the first one. */
  segment: i32 = 0;
  /** The way into a record. */
  pointer: JsonPointer | null = null;
  /** Whose record: the lookup's place in the configuration, from 0. */
  lookup: i32 = -1;
  /** The place of the value among those that are kept of the record; see `RecordValues`. */
  slot: i32 = -1;
  /** What to write where the value is missing; `NONE` when nothing is given. */
  fallback: Slice = NONE;

  constructor(
    readonly kind: PartKind,
    /** Where it begins in the template's text: characters, from 1. */
    readonly position: i32,
  ) {}

  get isLiteral(): bool {
    return this.kind == PartKind.Literal;
  }

  /** Whether every request has it: a proxy's request has a host, a path, a method and a scheme. */
  get isAlwaysThere(): bool {
    switch (this.kind) {
      case PartKind.Literal:
      case PartKind.Host:
      case PartKind.Path:
      case PartKind.SlashPathFrom:
      case PartKind.Rest:
      case PartKind.Method:
      case PartKind.Scheme:
        return true;
      default:
        return false;
    }
  }

  /** Whether this and another part need the very same value of a request, and neither has a default. */
  isSameRequirement(other: TemplatePart): bool {
    return !this.isFromRecord && !isPresent(other.fallback) && this.isSameValue(other);
  }

  /** Whether both stand for the same value, whatever their defaults. */
  isSameValue(other: TemplatePart): bool {
    if (this.kind != other.kind || this.segment != other.segment) return false;
    const pointer = this.pointer;
    const otherPointer = other.pointer;
    if (pointer && otherPointer && !pointer.equals(otherPointer)) return false;
    return this.text == NONE ? other.text == NONE : equal(this.text, other.text);
  }

  /** Whether this value holds all of the other one: of a path its segments, of a query its parameters. */
  includesValue(other: TemplatePart): bool {
    switch (this.kind) {
      case PartKind.Path:
        return other.isFromPath;
      case PartKind.PathFrom:
      case PartKind.SlashPathFrom:
        return other.isFromSegment && other.segment >= this.segment;
      case PartKind.Query:
        return other.kind == PartKind.QueryParameter;
      default:
        return false;
    }
  }

  /** Whether it stands for the path of the request or for a part of it. */
  get isFromPath(): bool {
    return this.kind == PartKind.Path || this.kind == PartKind.Rest || this.isFromSegment;
  }

  /** Whether it stands for a numbered segment of the path, alone or with all that follow. */
  get isFromSegment(): bool {
    switch (this.kind) {
      case PartKind.PathSegment:
      case PartKind.PathFrom:
      case PartKind.SlashPathFrom:
        return true;
      default:
        return false;
    }
  }

  get isFromRecord(): bool {
    return this.kind == PartKind.Record || this.kind == PartKind.LookupRecord;
  }

  get needs(): i32 {
    switch (this.kind) {
      case PartKind.Host:
        return Needs.HOST;
      case PartKind.Path:
      case PartKind.PathSegment:
      case PartKind.PathFrom:
      case PartKind.SlashPathFrom:
      case PartKind.Query:
      case PartKind.QueryParameter:
        return Needs.PATH;
      case PartKind.Rest:
        return Needs.PATH | Needs.REST;
      case PartKind.Method:
        return Needs.METHOD;
      case PartKind.Scheme:
        return Needs.SCHEME;
      case PartKind.Header:
      case PartKind.Cookie:
        return Needs.HEADERS;
      default:
        return Needs.NOTHING;
    }
  }

  dispose(): void {
    release(this.text);
    this.text = NONE;
    release(this.fallback);
    this.fallback = NONE;
    const pointer = this.pointer;
    if (pointer) pointer.dispose();
    this.pointer = null;
  }
}
