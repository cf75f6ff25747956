import { Slice, textOf } from "as-bytes/assembly";
import { Template } from "../request/template";
import { JsonPointer } from "../text/json";
import { ApplyConfig } from "./apply-config";
import { HeaderTemplate } from "./header-template";
import { LookupConfig } from "./lookup-config";
import { ResponseCacheConfig } from "./response-cache-config";
import { ServiceConfig } from "./service-config";
import { WebdisConfig } from "./webdis-config";

/**
 * A text that two lookups share exactly when what one has stored is good for the other: they ask the same tiers, in the
 * same way, for the same keys, and make the same of an answer. How long they wait and store makes no difference.
 */
export function identityOf(lookup: LookupConfig, webdis: WebdisConfig | null): string {
  let identity = field(lookup.key.text);
  const service = lookup.service;
  const apply = lookup.apply;
  identity += lookup.webdis && webdis ? identityOfWebdis(webdis) : "-";
  identity += service ? identityOfService(service) : "-";
  identity += apply ? identityOfApply(apply) : "-";
  // Entries hold the first of these values; how many is not written in them.
  identity += field(lookup.keptValues.toString());
  for (let i = 0; i < lookup.values.length; i++) identity += pointer(lookup.values[i]);
  return identity;
}

/**
 * A text that two response caches share exactly when what one has stored is good for the other: they tell requests apart in
 * the same way, keep the same of a response, and share the same Redis, or none.
 */
export function identityOfResponses(cache: ResponseCacheConfig, webdis: WebdisConfig | null): string {
  let identity = "responses" + field(cache.keyHeaders.length.toString());
  for (let i = 0; i < cache.keyHeaders.length; i++) identity += bytes(cache.keyHeaders[i]);
  for (let i = 0; i < cache.ignoredQuery.length; i++) {
    identity += bytes(cache.ignoredQuery[i].text) + (cache.ignoredQuery[i].isPartial ? "*" : "=");
  }
  return identity + bytes(cache.tagsHeader) + (cache.shared && webdis ? identityOfWebdis(webdis) : "-");
}

function identityOfWebdis(webdis: WebdisConfig): string {
  return (
    bytes(webdis.cluster) +
    bytes(webdis.authority) +
    field(webdis.database.toString()) +
    field(webdis.username) +
    bytes(webdis.keyPrefix)
  );
}

function identityOfService(service: ServiceConfig): string {
  return (
    bytes(service.cluster) +
    bytes(service.authority) +
    bytes(service.method) +
    template(service.path) +
    headers(service.headers)
  );
}

function identityOfApply(apply: ApplyConfig): string {
  let identity = template(apply.path) + template(apply.host) + headers(apply.headers);
  for (let i = 0; i < apply.removeHeaders.length; i++) identity += bytes(apply.removeHeaders[i]);
  return identity;
}

function headers(list: Array<HeaderTemplate>): string {
  let identity = field(list.length.toString());
  for (let i = 0; i < list.length; i++) identity += bytes(list[i].name) + template(list[i].value);
  return identity;
}

function template(template: Template | null): string {
  return template ? field(template.text) : "-";
}

function pointer(pointer: JsonPointer): string {
  let identity = field(pointer.depth.toString());
  for (let step = 0; step < pointer.depth; step++) identity += bytes(pointer.name(step));
  return identity;
}

function bytes(value: Slice): string {
  return field(textOf(value));
}

/** With its length, so that no two lists of values make one text. */
function field(value: string): string {
  return value.length.toString() + ":" + value;
}
