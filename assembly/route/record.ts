import { ByteBuffer, NONE, Slice, lengthOf, persist, startsWith, sub } from "as-bytes/assembly";
import { JsonDocument, JsonKind } from "as-strict-json/assembly";
import { isFieldName, isFieldValue, isForbiddenName } from "../text/header-value";
import { isValidAuthority, isValidBuiltPath } from "../text/url";
import { ChangesWriter } from "./changes";

/** The largest record, in bytes, and how deep it may nest. */
export const MAX_RECORD_BYTES: i32 = 64 * 1024;
export const MAX_RECORD_DEPTH: i32 = 32;

/** The longest `ttl` a record may ask for, in seconds: a year. */
const MAX_TTL_SECONDS: f64 = 365 * 24 * 3600;

/** What a document turned out to be. */
export enum RecordKind {
  /** `changes` say what it does to a request; they may be none. */
  Changes,
  /** It says that there is no record: status 404 or 410 without a body. */
  Negative,
  /** It makes no sense; `problem` says why. Nothing of it may be used. */
  Invalid,
}

/** What some editors and serializers begin a text with; readers may pass over it (RFC 8259 §8.1). */
const BYTE_ORDER_MARK = persist("\ufeff");

const PATH = persist("path");
const HOST = persist("host");
const HEADERS = persist("headers");
const REMOVE_HEADERS = persist("removeHeaders");
const TTL = persist("ttl");
const STATUS = persist("status");
const LOCATION = persist("location");
const BODY = persist("body");

/**
 * Reads route records, as Redis or the routing service have them, into changes. Whatever the bytes are, the result is
 * one of three kinds. What the configuration does not name is data for somebody else and not looked at.
 */
export class RecordReader {
  /** For `Invalid`: what is wrong, and where. */
  problem: string = "";
  /** How long the record is good for, in milliseconds; -1 when it does not say. */
  ttl: i64 = -1;

  private out: ByteBuffer = new ByteBuffer();
  private writer: ChangesWriter = new ChangesWriter(this.out);
  private name: ByteBuffer = new ByteBuffer();
  private value: ByteBuffer = new ByteBuffer();
  private location: ByteBuffer = new ByteBuffer();
  private body: ByteBuffer = new ByteBuffer();

  constructor(
    /** Holds the document last read. */
    readonly json: JsonDocument,
  ) {}

  /** For `Changes`: see `changes.ts`; good until the next `read`. */
  get changes(): Slice {
    return this.out.view();
  }

  read(document: Slice): RecordKind {
    this.out.clear();
    this.ttl = -1;
    const json = this.json;
    if (!parseRecord(json, document)) return this.invalid("bad JSON: " + json.error);
    if (json.kind(json.root) != JsonKind.Object) return this.invalid("not an object");
    // A wrong type anywhere makes the whole record invalid, also where another field makes this one pointless.
    const ok =
      this.readTtl(this.field(TTL)) &&
      this.readRemoveHeaders(this.field(REMOVE_HEADERS)) &&
      this.readPath(this.field(PATH)) &&
      this.readHost(this.field(HOST)) &&
      this.readHeaders(this.field(HEADERS)) &&
      this.readLocation(this.field(LOCATION)) &&
      this.readBody(this.field(BODY));
    if (!ok) return RecordKind.Invalid;
    const status = this.field(STATUS);
    return status >= 0 ? this.readAnswer(status) : RecordKind.Changes;
  }

  /** Gives the reader's memory back; it may read again. */
  dispose(): void {
    this.json.dispose();
  }

  /** The record's field of that name; -1 where there is none. Serializers of many languages write `null` for that. */
  private field(name: Slice): i32 {
    const node = this.json.member(this.json.root, name);
    return this.json.kind(node) == JsonKind.Null ? -1 : node;
  }

  private readTtl(node: i32): bool {
    if (node < 0) return true;
    const seconds = this.json.number(node);
    // The negated form refuses NaN, which is what a value that is no number reads as.
    if (!(seconds >= 0 && seconds <= MAX_TTL_SECONDS)) return this.bad("ttl: not a number of seconds from 0 to a year");
    this.ttl = <i64>(seconds * 1000);
    return true;
  }

  private readAnswer(node: i32): RecordKind {
    const json = this.json;
    const status = json.number(node);
    if (!(status >= 300 && status <= 599) || status != Math.floor(status)) {
      return this.invalid("status: not a number from 300 to 599");
    }
    this.out.clear();
    const hasBody = this.field(BODY) >= 0;
    if (!hasBody && (status == 404 || status == 410)) return RecordKind.Negative;
    // A body after a 304 would be taken for the start of the next response (RFC 9110 §15.4.5).
    const body = hasBody && status != 304 ? this.body.view() : NONE;
    this.writer.answer(<i32>status, this.field(LOCATION) >= 0 ? this.location.view() : NONE, body);
    return RecordKind.Changes;
  }

  private readLocation(node: i32): bool {
    if (node < 0) return true;
    if (!this.text(node, this.location)) return this.bad("location: not a string");
    return isFieldValue(this.location.view()) || this.bad("location: not a header value");
  }

  private readBody(node: i32): bool {
    return node < 0 || this.text(node, this.body) || this.bad("body: not a string");
  }

  private readPath(node: i32): bool {
    if (node < 0) return true;
    if (!this.text(node, this.value)) return this.bad("path: not a string");
    if (!isValidBuiltPath(this.value.view())) return this.bad("path: not a path, or with a dot segment");
    this.writer.setPath(this.value.view());
    return true;
  }

  private readHost(node: i32): bool {
    if (node < 0) return true;
    if (!this.text(node, this.value)) return this.bad("host: not a string");
    if (!isValidAuthority(this.value.view())) return this.bad("host: not a host");
    this.writer.setHost(this.value.view());
    return true;
  }

  private readHeaders(node: i32): bool {
    if (node < 0) return true;
    const json = this.json;
    if (json.kind(node) != JsonKind.Object) return this.bad("headers: not an object");
    for (let member = json.firstChild(node); member >= 0; member = json.nextSibling(member)) {
      json.appendKey(member, this.name.clear());
      this.name.toLowerCase();
      if (!isSettable(this.name.view())) return this.bad("headers: a name that may not be set");
      if (json.kind(member) == JsonKind.Null) continue;
      if (!this.text(member, this.value)) return this.bad("headers: a value that is not a string");
      if (!isFieldValue(this.value.view())) return this.bad("headers: a value that no header can have");
      this.writer.setHeader(this.name.view(), this.value.view());
    }
    return true;
  }

  private readRemoveHeaders(node: i32): bool {
    if (node < 0) return true;
    const json = this.json;
    if (json.kind(node) != JsonKind.Array) return this.bad("removeHeaders: not an array");
    for (let item = json.firstChild(node); item >= 0; item = json.nextSibling(item)) {
      if (json.kind(item) == JsonKind.Null) continue;
      if (!this.text(item, this.name)) return this.bad("removeHeaders: a name that is not a string");
      this.name.toLowerCase();
      if (!isSettable(this.name.view())) return this.bad("removeHeaders: a name that may not be removed");
      this.writer.removeHeader(this.name.view());
    }
    return true;
  }

  private text(node: i32, into: ByteBuffer): bool {
    return this.json.kind(node) == JsonKind.String && this.json.appendText(node, into.clear());
  }

  private bad(problem: string): bool {
    this.problem = problem;
    this.out.clear();
    return false;
  }

  private invalid(problem: string): RecordKind {
    this.bad(problem);
    return RecordKind.Invalid;
  }
}

/** Reads a document that a tier sent, within the bounds of records. */
export function parseRecord(json: JsonDocument, document: Slice): bool {
  const isMarked = startsWith(document, BYTE_ORDER_MARK);
  const text = isMarked ? sub(document, lengthOf(BYTE_ORDER_MARK)) : document;
  return json.parse(text, MAX_RECORD_BYTES, MAX_RECORD_DEPTH);
}

/** Whether a record may set or remove this header. */
function isSettable(name: Slice): bool {
  return isFieldName(name) && !isForbiddenName(name);
}
