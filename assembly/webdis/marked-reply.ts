import { ByteBuffer, NONE, Slice, byteAt, endsWith, lengthOf, persist, startsWith, sub } from "as-bytes/assembly";
import { JsonDocument, JsonKind } from "as-strict-json/assembly";

const OPEN: i32 = 0x28;
const END: Slice = persist(");\n");
const COMMAND: Slice = persist("GET");

/** The reply's own nesting: an object with an array for an error. */
const MAX_DEPTH: i32 = 4;

/** What a reply to a marked `GET` is. */
export enum MarkedReplyKind {
  /** Not the reply to this call, or not from Webdis at all. */
  Foreign,
  /** There is no such key. */
  Missing,
  /** The key's value: `value`. */
  Value,
  /** Redis refused the command: `value` is what it says. */
  Error,
  /** The key holds something that is no text. */
  NotText,
}

/**
 * Reads what Webdis replies to `GET` in its JSONP format: `mark({"GET":"value"});` and a line feed. It is the only format that says both
 * whose reply it is and what it is, an error told from data. For values that are UTF-8 text.
 */
export class MarkedReplyReader {
  /** Of `Value` and `Error`; good until the next `read`. */
  value: Slice = NONE;

  private json: JsonDocument = new JsonDocument();
  private text: ByteBuffer = new ByteBuffer();

  /** What `reply`, of at most `maxBytes`, says to the call with that mark. */
  read(reply: Slice, mark: Slice, maxBytes: i32): MarkedReplyKind {
    this.value = NONE;
    const start = lengthOf(mark) + 1;
    if (!startsWith(reply, mark) || byteAt(reply, start - 1) != OPEN || !endsWith(reply, END)) {
      return MarkedReplyKind.Foreign;
    }
    const json = this.json;
    if (!json.parse(sub(reply, start, lengthOf(reply) - lengthOf(END)), maxBytes, MAX_DEPTH))
      return MarkedReplyKind.Foreign;
    const result = json.member(json.root, COMMAND);
    switch (json.kind(result)) {
      case JsonKind.Null:
        return MarkedReplyKind.Missing;
      case JsonKind.String:
        json.appendText(result, this.text.clear());
        this.value = this.text.view();
        return MarkedReplyKind.Value;
      case JsonKind.Array:
        return this.readError(json.nextSibling(json.firstChild(result)));
      default:
        // Webdis leaves out what its JSON writer does not take.
        return json.kind(json.root) == JsonKind.Object ? MarkedReplyKind.NotText : MarkedReplyKind.Foreign;
    }
  }

  /** An error is `[false, "what Redis says"]`. */
  private readError(says: i32): MarkedReplyKind {
    if (this.json.kind(says) == JsonKind.String) this.json.appendText(says, this.text.clear());
    else this.text.clear();
    this.value = this.text.view();
    return MarkedReplyKind.Error;
  }
}
