import { ByteBuffer, NONE, Slice, copy, persist, release } from "as-bytes/assembly";
import { appendBase64 } from "../text/base64";
import { Fields } from "./fields";
import { TierConfig } from "./upstream-config";
import { Value } from "./value";
import { WriteQueueConfig } from "./write-queue-config";

const TIMEOUT: i64 = 50;

/** Keys are at most 1 KiB without their prefix: a longer prefix is a mistake. */
const MAX_KEY_PREFIX: i32 = 256;

/** How to reach Redis. */
export class WebdisConfig extends TierConfig {
  /** The number of the Redis database. */
  database: i32 = 0;
  /** The value of `authorization` (RFC 7617); `NONE` when no credentials are given, or not yet. */
  authorization: Slice = NONE;
  /** The name of the environment variable that holds the password; empty when none does. See `setPassword`. */
  passwordEnv: string = "";
  username: string = "";
  /** What all keys in Redis begin with. */
  keyPrefix: Slice = NONE;
  readonly writeQueue: WriteQueueConfig = new WriteQueueConfig();

  constructor() {
    super(TIMEOUT);
  }

  /** The section `webdis`; null when it is not given. */
  static read(value: Value): WebdisConfig | null {
    const fields = Fields.of(value);
    if (!fields) return null;
    const config = new WebdisConfig();
    config.readTier(fields);
    config.database = fields.get("database").integer(0, 0, i32.MAX_VALUE);
    config.keyPrefix = persist(fields.get("keyPrefix").text("signpost:", MAX_KEY_PREFIX));
    config.writeQueue.read(fields.get("writeQueue"));
    config.readCredentials(fields);
    fields.finish();
    return config;
  }

  /** Completes the credentials with a password, as when the variable `passwordEnv` has been read. */
  setPassword(password: string): void {
    const credentials = new ByteBuffer().text(this.username + ":" + password);
    const header = new ByteBuffer().text("Basic ");
    appendBase64(header, credentials.view());
    release(this.authorization);
    this.authorization = copy(header.view());
    credentials.dispose();
    header.dispose();
  }

  dispose(): void {
    super.dispose();
    release(this.authorization);
    this.authorization = NONE;
    release(this.keyPrefix);
    this.keyPrefix = NONE;
  }

  private readCredentials(fields: Fields): void {
    const username = fields.get("username");
    const password = fields.get("password");
    const variable = fields.get("passwordEnv");
    this.username = readCredential(username);
    this.passwordEnv = variable.nonEmptyText("");
    const secret = readCredential(password);
    const isVariable = this.passwordEnv.length == 0 || isVariableName(this.passwordEnv);
    if (!isVariable)
      variable.refuse(variable.quoted + " is not an environment variable's name (use e.g. WEBDIS_PASSWORD)");
    if (this.username.includes(":")) username.refuse("has a colon, which ends a user name (RFC 7617)");
    if (password.isGiven && variable.isGiven) variable.refuse("given beside password (give one of them)");
    const hasPassword = password.isGiven || variable.isGiven;
    if (username.isGiven && !hasPassword) password.refuse("missing (a username is given; or give passwordEnv)");
    if (!username.isGiven && hasPassword) username.refuse("missing (a password is given)");
    if (secret.length > 0) this.setPassword(secret);
  }
}

/** A user name or password: RFC 7617 §2 forbids control characters in both. Never repeated in an error. */
function readCredential(value: Value): string {
  const text = value.nonEmptyText("");
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= 0x20 && text.charCodeAt(i) != 0x7f) continue;
    value.refuse("has control characters, which basic authentication forbids (RFC 7617)");
    break;
  }
  return text;
}

/** Letters, digits and `_`, no digit first, as shells have it. */
function isVariableName(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isLetter = ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code == 0x5f;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isLetter && (!isDigit || i == 0)) return false;
  }
  return text.length > 0;
}
