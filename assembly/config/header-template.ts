import { NONE, Slice, equal, release } from "as-bytes/assembly";
import { Template } from "../request/template";
import { HeaderUse, compileHeaderName } from "./header-name";
import { Value } from "./value";

/** A header to set, and the template of its value. */
export class HeaderTemplate {
  constructor(
    /** In lower case. */
    public name: Slice,
    readonly value: Template,
  ) {}

  dispose(): void {
    release(this.name);
    this.name = NONE;
    this.value.dispose();
  }
}

/**
 * Adds the header of that name, whose template this takes over, to those that are set; `given` is where the name was
 * given. A name that two are given for, in whatever case, is an error: the one would replace the other.
 */
export function addHeaderTemplate(headers: Array<HeaderTemplate>, name: string, given: Value, value: Template): void {
  const header = new HeaderTemplate(compileHeaderName(name, given, HeaderUse.Set), value);
  if (setsHeader(headers, header.name)) given.refuse("the same header is set twice");
  headers.push(header);
}

/** Whether one of the headers has this name. */
export function setsHeader(headers: Array<HeaderTemplate>, name: Slice): bool {
  for (let i = 0; i < headers.length; i++) {
    if (equal(headers[i].name, name)) return true;
  }
  return false;
}

/** What has to be read of a request to fill all of them in; a set of `Needs`. */
export function needsOfHeaders(headers: Array<HeaderTemplate>): i32 {
  let needs = 0;
  for (let i = 0; i < headers.length; i++) needs |= headers[i].value.needs;
  return needs;
}
