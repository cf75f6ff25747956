import { NONE, Slice, persist, release } from "as-bytes/assembly";
import { JsonKind } from "as-strict-json/assembly";
import { Fields } from "./fields";
import { Value } from "./value";

const MAX_BODY: i32 = 64 * 1024;

const NOT_MODIFIED: i32 = 304;

/** What becomes of a request for which there is no record: it goes on as it is, or it is answered. */
export class Action {
  constructor(
    /** The answer's status, 300 to 599; 0 when there is none. */
    readonly status: i32 = 0,
    /** The answer's body; may be empty. */
    public body: Slice = NONE,
  ) {}

  get isAnswer(): bool {
    return this.status != 0;
  }

  /** `continue`, which is also the default, or an answer as in `{status: 404, body: "no such tenant"}`. */
  static read(value: Value): Action {
    if (!value.isGiven) return new Action();
    if (value.kind == JsonKind.Object) return Action.readAnswer(value);
    const isContinue = value.kind == JsonKind.String && value.text("") == "continue";
    if (!isContinue) value.refuse(value.quoted + ' is not "continue" or an answer such as {status: 404, body: "…"}');
    return new Action();
  }

  dispose(): void {
    release(this.body);
    this.body = NONE;
  }

  private static readAnswer(value: Value): Action {
    const fields = Fields.of(value);
    if (!fields) return new Action();
    const status = fields.get("status");
    const code = status.isGivenAs("a status from 300 to 599") ? status.integer(0, 300, 599) : 0;
    const body = fields.get("body");
    const text = body.text("", MAX_BODY);
    // Its bytes would be taken for the start of the next response (RFC 9110 §15.4.5).
    if (code == NOT_MODIFIED && text.length > 0) body.refuse("a 304 has no body");
    fields.finish();
    return new Action(code, persist(text));
  }
}

/** What becomes of a request that is malformed itself, where nothing more specific is configured. */
export const BAD_REQUEST = new Action(400);

/** An action for each class of failure. */
export class FailureActions {
  readonly otherwise: Action;
  readonly timeout: Action;
  readonly unavailable: Action;
  readonly invalid: Action;
  readonly overload: Action;
  /** Whether `invalid` is given, and not taken from `otherwise`. */
  readonly namesInvalid: bool;

  private constructor(fields: Fields) {
    const otherwise = Action.read(fields.get("otherwise"));
    this.otherwise = otherwise;
    this.timeout = readClass(fields.get("timeout"), otherwise);
    this.unavailable = readClass(fields.get("unavailable"), otherwise);
    this.namesInvalid = fields.has("invalid");
    this.invalid = readClass(fields.get("invalid"), otherwise);
    this.overload = readClass(fields.get("overload"), otherwise);
    fields.finish();
  }

  /** An object by class, as in `{timeout: continue, otherwise: {status: 503}}`; null for anything else. */
  static read(value: Value): FailureActions | null {
    if (value.kind != JsonKind.Object) return null;
    const isByClass =
      value.at("otherwise").isGiven ||
      value.at("timeout").isGiven ||
      value.at("unavailable").isGiven ||
      value.at("invalid").isGiven ||
      value.at("overload").isGiven;
    const fields: Fields | null = isByClass ? Fields.of(value) : null;
    return fields ? new FailureActions(fields) : null;
  }

  /** Classes may share an action: disposing of one twice does nothing. */
  dispose(): void {
    this.otherwise.dispose();
    this.timeout.dispose();
    this.unavailable.dispose();
    this.invalid.dispose();
    this.overload.dispose();
  }
}

function readClass(value: Value, otherwise: Action): Action {
  return value.isGiven ? Action.read(value) : otherwise;
}
