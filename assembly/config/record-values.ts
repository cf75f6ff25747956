import { JsonPointer } from "as-strict-json/assembly";
import { Template } from "../request/template";
import { PartKind } from "../request/template-part";
import { HeaderTemplate } from "./header-template";
import { LookupConfig } from "./lookup-config";

/**
 * Gives every value that templates take from records a place among those which its lookup takes out of a record when it
 * arrives: on a hit nothing is parsed. First come those that have to be kept, because later lookups or requests fill
 * templates in with them; then those that are needed only when the record arrives.
 */
export function assignRecordValues(lookups: Array<LookupConfig>): void {
  for (let i = 0; i < lookups.length; i++) assignKept(lookups, i);
  for (let i = 0; i < lookups.length; i++) lookups[i].keptValues = lookups[i].values.length;
  for (let i = 0; i < lookups.length; i++) {
    const apply = lookups[i].apply;
    if (!apply) continue;
    const templates = apply.templates;
    for (let j = 0; j < templates.length; j++) assign(lookups, templates[j]);
  }
}

function assignKept(lookups: Array<LookupConfig>, index: i32): void {
  const lookup = lookups[index];
  assign(lookups, lookup.key);
  const service = lookup.service;
  if (service) {
    assign(lookups, service.path);
    assignHeaders(lookups, service.headers);
  }
  const apply = lookup.apply;
  if (!apply) return;
  const templates = apply.templates;
  for (let i = 0; i < templates.length; i++) {
    if (!templates[i].needsOnlyRecord) assign(lookups, templates[i]);
  }
}

function assignHeaders(lookups: Array<LookupConfig>, headers: Array<HeaderTemplate>): void {
  for (let i = 0; i < headers.length; i++) assign(lookups, headers[i].value);
}

function assign(lookups: Array<LookupConfig>, template: Template): void {
  for (let i = 0; i < template.parts.length; i++) {
    const part = template.parts[i];
    const pointer = part.pointer;
    if (!pointer || part.lookup < 0 || part.lookup >= lookups.length) continue;
    const lookup = lookups[part.lookup];
    part.slot = slotOf(lookup.values, pointer);
    if (part.kind == PartKind.LookupRecord) lookup.isReadLater = true;
  }
}

function slotOf(values: Array<JsonPointer>, pointer: JsonPointer): i32 {
  for (let i = 0; i < values.length; i++) {
    if (values[i].equals(pointer)) return i;
  }
  values.push(pointer);
  return values.length - 1;
}
