import { ByteBuffer, Slice, lengthOf, textOf } from "as-bytes/assembly";
import { JsonPointer } from "as-strict-json/assembly";
import { Template } from "../request/template";
import { ApplyConfig } from "./apply-config";
import { HeaderTemplate } from "./header-template";
import { LookupConfig } from "./lookup-config";
import { ResponseCacheConfig } from "./response-cache-config";
import { ServiceConfig } from "./service-config";
import { WebdisConfig } from "./webdis-config";

/** What the identities of response caches begin with; those of lookups begin with a digit. */
const RESPONSES: i32 = 0x72;

const COLON: i32 = 0x3a;

/** What stands for a value that is not there; a length begins with a digit. */
const NOTHING: i32 = 0x2d;
const SOMETHING: i32 = 0x2b;

/**
 * A text that two lookups share exactly when what one has stored is good for the other: they ask the same tiers, in the
 * same way, for the same keys, and make the same of an answer. How long they wait and store makes no difference.
 */
export function identityOf(lookup: LookupConfig, webdis: WebdisConfig | null): string {
  const identity = new IdentityWriter();
  identity.text(lookup.key.text);
  identity.webdis(lookup.webdis ? webdis : null);
  identity.service(lookup.service);
  identity.apply(lookup.apply);
  // Entries hold the first of these values; how many is not written in them.
  identity.number(lookup.keptValues);
  for (let i = 0; i < lookup.values.length; i++) identity.pointer(lookup.values[i]);
  return identity.written();
}

/**
 * A text that two response caches share exactly when what one has stored is good for the other: they tell requests apart in
 * the same way, keep the same of a response, and share the same Redis, or none.
 */
export function identityOfResponses(cache: ResponseCacheConfig, webdis: WebdisConfig | null): string {
  const identity = new IdentityWriter();
  identity.kind(RESPONSES).number(cache.keyHeaders.length);
  for (let i = 0; i < cache.keyHeaders.length; i++) identity.bytes(cache.keyHeaders[i]);
  identity.number(cache.ignoredQuery.length);
  for (let i = 0; i < cache.ignoredQuery.length; i++) {
    identity.bytes(cache.ignoredQuery[i].text).text(cache.ignoredQuery[i].isPartial ? "*" : "=");
  }
  identity.bytes(cache.tagsHeader);
  identity.webdis(cache.shared ? webdis : null);
  return identity.written();
}

/** Writes values one behind the other, each behind its length, so that no two lists of values make one text. */
class IdentityWriter {
  private into: ByteBuffer = new ByteBuffer();

  written(): string {
    return textOf(this.into.view());
  }

  kind(kind: i32): IdentityWriter {
    this.into.byte(kind);
    return this;
  }

  bytes(value: Slice): IdentityWriter {
    this.into.decimal(lengthOf(value)).byte(COLON).bytes(value);
    return this;
  }

  text(value: string): IdentityWriter {
    this.into.decimal(value.length).byte(COLON).text(value);
    return this;
  }

  number(value: i32): IdentityWriter {
    this.into.decimal(value).byte(COLON);
    return this;
  }

  webdis(webdis: WebdisConfig | null): void {
    if (!webdis) return this.nothing();
    this.bytes(webdis.cluster).bytes(webdis.authority).number(webdis.database);
    this.text(webdis.username).bytes(webdis.keyPrefix);
  }

  service(service: ServiceConfig | null): void {
    if (!service) return this.nothing();
    this.bytes(service.cluster).bytes(service.authority).bytes(service.method);
    this.template(service.path);
    this.headers(service.headers);
  }

  apply(apply: ApplyConfig | null): void {
    if (!apply) return this.nothing();
    // Its first value may be nothing, too.
    this.into.byte(SOMETHING);
    this.template(apply.path);
    this.template(apply.host);
    this.headers(apply.headers);
    this.number(apply.removeHeaders.length);
    for (let i = 0; i < apply.removeHeaders.length; i++) this.bytes(apply.removeHeaders[i]);
  }

  pointer(pointer: JsonPointer): void {
    this.number(pointer.depth);
    for (let step = 0; step < pointer.depth; step++) this.bytes(pointer.name(step));
  }

  private headers(list: Array<HeaderTemplate>): void {
    this.number(list.length);
    for (let i = 0; i < list.length; i++) {
      this.bytes(list[i].name);
      this.template(list[i].value);
    }
  }

  private template(template: Template | null): void {
    if (template) this.text(template.text);
    else this.nothing();
  }

  private nothing(): void {
    this.into.byte(NOTHING);
  }
}
