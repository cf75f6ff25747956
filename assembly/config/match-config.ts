import {
  ByteBuffer,
  NONE,
  Slice,
  copy,
  empty,
  indexOf,
  isPresent,
  lengthOf,
  persist,
  release,
  sub,
} from "as-bytes/assembly";
import { JsonKind } from "as-strict-json/assembly";
import { HeaderPattern, Match, Pattern } from "../request/match";
import { isFieldName, isFieldValue } from "../text/header-value";
import { appendNormalizedHost, isValidAuthority } from "../text/url";
import { HeaderUse, compileHeaderName } from "./header-name";
import { compilePath } from "./path-pattern";
import { Fields } from "./fields";
import { Value } from "./value";

const STAR: i32 = 0x2a;

const normalized = new ByteBuffer();

/** The section `match`; every request matches when nothing is given. */
export function readMatch(value: Value): Match {
  const match = new Match();
  const fields = Fields.of(value);
  if (!fields) return match;
  match.hosts = readHosts(fields.get("hosts"));
  match.paths = readPaths(fields.get("paths"));
  match.methods = readMethods(fields.get("methods"));
  match.headers = readHeaders(fields.get("headers"));
  fields.finish();
  return match;
}

function readHosts(list: Value): Array<Pattern> {
  const patterns: Array<Pattern> = [];
  const items = itemsOf(list);
  for (let i = 0; i < items.length; i++) {
    const text = items[i].nonEmptyText("");
    if (text.length == 0) continue;
    const pattern = compileHost(items[i], text);
    if (pattern) patterns.push(pattern);
  }
  return patterns;
}

function readPaths(list: Value): Array<Pattern> {
  const patterns: Array<Pattern> = [];
  const items = itemsOf(list);
  for (let i = 0; i < items.length; i++) {
    const text = items[i].nonEmptyText("");
    if (text.length > 0) compilePath(patterns, items[i], text);
  }
  return patterns;
}

function itemsOf(list: Value): Array<Value> {
  if (list.isEmptyList) list.refuse("empty, so that nothing matches (leave it out to match everything)");
  return list.items();
}

/** `host`, `*.host` for everything below it, or `*`. */
function compileHost(value: Value, text: string): Pattern | null {
  if (text == "*") return new Pattern(empty(), true);
  const isPartial = text.startsWith("*.");
  const host = persist(isPartial ? text.substring(1) : text);
  const name = isPartial ? sub(host, 1) : host;
  const isHost = isValidAuthority(name) && indexOf(name, STAR) < 0;
  appendNormalizedHost(normalized.clear(), host);
  const hasPort = normalized.length < lengthOf(host) - (text.endsWith(".") ? 1 : 0);
  release(host);
  if (isHost && !hasPort) return new Pattern(copy(normalized.view()), isPartial);
  if (isHost) value.refuse(value.quoted + " has a port (hosts are compared without)");
  else value.refuse(value.quoted + " is not a host, *.host or *");
  return null;
}

function readMethods(list: Value): Array<Slice> {
  const methods: Array<Slice> = [];
  const items = itemsOf(list);
  for (let i = 0; i < items.length; i++) {
    const text = items[i].nonEmptyText("");
    if (text.length == 0) continue;
    const method = compileMethod(text, items[i]);
    if (isPresent(method)) methods.push(method);
  }
  return methods;
}

/** A request method; `NONE` after an error. RFC 9110 §9.1: methods differ by case, and all that exist are upper case. */
export function compileMethod(text: string, value: Value): Slice {
  const method = persist(text);
  const isMethod = isFieldName(method);
  if (isMethod && !hasLowerCase(text)) return method;
  release(method);
  if (isMethod) value.refuse(value.quoted + " is in lower case (use e.g. GET)");
  else value.refuse(value.quoted + " is not a method (use e.g. GET)");
  return NONE;
}

function readHeaders(value: Value): Array<HeaderPattern> {
  const patterns: Array<HeaderPattern> = [];
  const fields = Fields.of(value);
  if (!fields) return patterns;
  for (let i = 0; i < fields.names.length; i++) {
    const member = fields.member(fields.names[i]);
    const name = compileHeaderName(fields.names[i], member, HeaderUse.Read);
    const pattern = new HeaderPattern(name, compileHeaderValue(member));
    // An empty value is a value, and `*` any.
    patterns.push(pattern);
  }
  return patterns;
}

/** The value to compare with; `NONE` where any will do. */
function compileHeaderValue(value: Value): Slice {
  const text = value.text("*");
  if (text == "*") return NONE;
  const bytes = persist(text);
  if (isFieldValue(bytes)) return bytes;
  // Not repeated: it may be a key.
  value.refuse("no header has such a value (control characters, or spaces at an end)");
  release(bytes);
  return NONE;
}

function hasLowerCase(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) >= 0x61 && text.charCodeAt(i) <= 0x7a) return true;
  }
  return false;
}
