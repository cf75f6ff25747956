import { ByteBuffer, NONE, Slice, isPresent } from "as-bytes/assembly";
import { appendAsReceived, appendPercentEncoded } from "../text/url";
import { ClientRequest } from "./client-request";
import { Encoding } from "./encoding";
import { RecordSource } from "./record-source";
import { PartKind, TemplatePart } from "./template-part";

export { Encoding } from "./encoding";

/**
 * The longest text that a template makes of its values, in bytes: more than a key, path or header may be. What would be
 * longer is cut there, and so is too long for whatever it was to be.
 */
export const MAX_FILLED: i32 = 64 * 1024;

const SLASH: u8 = 0x2f;

/** A text with values in it (`route:{host}:{path[1]}`), compiled: to fill it in parses and allocates nothing. */
export class Template {
  /** What has to be read of a request to fill it in; a set of `Needs`. */
  readonly needs: i32;
  /** Whether it can be filled in with the record that it is applied for, and without a request. */
  readonly needsOnlyRecord: bool;

  constructor(
    /** As written. */
    readonly text: string,
    readonly parts: Array<TemplatePart>,
  ) {
    let needs = 0;
    let needsOnlyRecord = true;
    for (let i = 0; i < parts.length; i++) {
      const kind = parts[i].kind;
      needs |= parts[i].needs;
      needsOnlyRecord = needsOnlyRecord && (kind == PartKind.Literal || kind == PartKind.Record);
    }
    this.needs = needs;
    this.needsOnlyRecord = needsOnlyRecord;
  }

  /**
   * Writes the template filled in for a request; `rest` is what its match left of the path. False, and nothing written,
   * when a value without a default is missing. Without `records` all their values are.
   */
  append(
    into: ByteBuffer,
    request: ClientRequest,
    rest: Slice,
    encoding: Encoding,
    records: RecordSource | null = null,
  ): bool {
    const start = into.length;
    const parts = this.parts;
    for (let i = 0; i < parts.length; i++) {
      const part = unchecked(parts[i]);
      if (part.isLiteral) {
        into.bytes(part.text);
      } else if (!appendPart(into, part, request, rest, encoding, records)) {
        into.truncate(start);
        return false;
      }
      if (into.length - start > MAX_FILLED) return true;
    }
    return true;
  }

  /**
   * Whether a request for which `other` has all its values may still lack one that this needs: a value without a default
   * that `other` does not need as well.
   */
  mayLackWhenComplete(other: Template): bool {
    for (let i = 0; i < this.parts.length; i++) {
      const part = this.parts[i];
      if (part.isAlwaysThere || isPresent(part.fallback)) continue;
      let isNeeded = false;
      for (let j = 0; j < other.parts.length; j++) isNeeded = isNeeded || part.isSameRequirement(other.parts[j]);
      if (!isNeeded) return true;
    }
    return false;
  }

  /** Whether some of it is the request's path, or a part of that. */
  get usesPath(): bool {
    for (let i = 0; i < this.parts.length; i++) {
      if (this.parts[i].isFromPath) return true;
    }
    return false;
  }

  dispose(): void {
    for (let i = 0; i < this.parts.length; i++) this.parts[i].dispose();
  }
}

function appendPart(
  into: ByteBuffer,
  part: TemplatePart,
  request: ClientRequest,
  rest: Slice,
  encoding: Encoding,
  records: RecordSource | null,
): bool {
  const value = part.isFromRecord ? (records ? records.valueOf(part) : NONE) : valueFromRequest(part, request, rest);
  if (part.kind == PartKind.SlashPathFrom) {
    if (!isPresent(value)) return true;
    into.byte(SLASH);
  }
  if (isPresent(value)) {
    appendValue(into, value, encoding, part.kind);
    return true;
  }
  // A default is the configuration's own word, but in a key it must keep its place as any value.
  if (isPresent(part.fallback)) appendValue(into, part.fallback, encoding, PartKind.Literal);
  return isPresent(part.fallback);
}

function valueFromRequest(part: TemplatePart, request: ClientRequest, rest: Slice): Slice {
  switch (part.kind) {
    case PartKind.Host:
      return request.host;
    case PartKind.Path:
      return request.path;
    case PartKind.PathSegment:
      return request.pathSegment(part.segment);
    case PartKind.PathFrom:
    case PartKind.SlashPathFrom:
      return request.pathFrom(part.segment);
    case PartKind.Rest:
      return rest;
    case PartKind.Query:
      return request.query;
    case PartKind.QueryParameter:
      return request.queryParameter(part.text);
    case PartKind.Method:
      return request.method;
    case PartKind.Scheme:
      return request.scheme;
    case PartKind.Header:
      return request.header(part.text);
    case PartKind.Cookie:
      return request.cookie(part.text);
    default:
      return NONE;
  }
}

function appendValue(into: ByteBuffer, value: Slice, encoding: Encoding, kind: PartKind): void {
  if (encoding == Encoding.Raw) {
    into.bytes(value);
  } else if (encoding == Encoding.ApplyPath) {
    appendInPath(into, value, kind);
  } else {
    appendPercentEncoded(into, value);
  }
}

function appendInPath(into: ByteBuffer, value: Slice, kind: PartKind): void {
  switch (kind) {
    // They are parts of a path already.
    case PartKind.Path:
    case PartKind.PathFrom:
    case PartKind.SlashPathFrom:
    case PartKind.Rest:
      appendAsReceived(into, value, false);
      break;
    case PartKind.Query:
      appendAsReceived(into, value, true);
      break;
    // From the configuration and from records, whose authors know that they write a path.
    case PartKind.Literal:
    case PartKind.Record:
    case PartKind.LookupRecord:
      into.bytes(value);
      break;
    default:
      appendPercentEncoded(into, value);
  }
}
