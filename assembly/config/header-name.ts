import { NONE, Slice, equal, persist, release } from "as-bytes/assembly";
import { printable } from "../request/quote";
import { persistLowerCase } from "../request/lower-case";
import { isFieldName, isForbiddenName } from "../text/header-value";
import { Value } from "./value";

const HOST: Slice = persist("host");

/** What is done with the header that is named. */
export enum HeaderUse {
  /** It is read from requests. */
  Read,
  /** It is set, or removed. */
  Set,
}

/**
 * The header name that `text` gives, in lower case; `NONE` after an error about `value`, which is where it was given.
 * The caller releases it.
 */
export function compileHeaderName(text: string, value: Value, use: HeaderUse): Slice {
  const name = persistLowerCase(text);
  const problem = problemOfName(name, text, use);
  if (problem.length == 0) return name;
  value.refuse(problem);
  release(name);
  return NONE;
}

/** The name in `value`, in lower case; `NONE` when nothing is given or after an error. The caller releases it. */
export function readHeaderName(value: Value, use: HeaderUse): Slice {
  const text = value.nonEmptyText("");
  return text.length == 0 ? NONE : compileHeaderName(text, value, use);
}

/** The names in an array, in lower case, each once. The caller releases them. */
export function readHeaderNames(list: Value, use: HeaderUse): Array<Slice> {
  const names: Array<Slice> = [];
  const items = list.items();
  for (let i = 0; i < items.length; i++) {
    const name = readHeaderName(items[i], use);
    if (name == NONE) continue;
    if (hasName(names, name)) {
      items[i].refuse(items[i].quoted + " is given twice");
      release(name);
    } else {
      names.push(name);
    }
  }
  return names;
}

export function hasName(names: Array<Slice>, name: Slice): bool {
  for (let i = 0; i < names.length; i++) {
    if (equal(names[i], name)) return true;
  }
  return false;
}

function problemOfName(name: Slice, text: string, use: HeaderUse): string {
  const quoted = '"' + printable(text) + '"';
  if (!isFieldName(name)) return quoted + " is not a header's name";
  if (use == HeaderUse.Set) return isForbiddenName(name) ? quoted + " is a header that may not be set or removed" : "";
  // Proxies keep it as `:authority`, so that it is never found.
  return equal(name, HOST) ? '"host" is no header here (the host has its own field and value)' : "";
}
