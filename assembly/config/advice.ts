import { Slice, byteAt, equal, isLetter, lengthOf, persist, textOf } from "as-bytes/assembly";
import { printable } from "../request/quote";
import { Template } from "../request/template";
import { PartKind, TemplatePart } from "../request/template-part";
import { Match } from "../request/match";
import { LookupConfig } from "./lookup-config";
import { ResponseCacheConfig } from "./response-cache-config";

const COLON: i32 = 0x3a;
const SLASH: i32 = 0x2f;

/** Headers that say which request it is and not what is asked: nobody answers differently for them. */
const IDENTIFYING: Array<Slice> = [
  persist("x-request-id"),
  persist("x-correlation-id"),
  persist("request-id"),
  persist("traceparent"),
  persist("tracestate"),
  persist("baggage"),
  persist("b3"),
  persist("x-b3-traceid"),
  persist("x-b3-spanid"),
  persist("x-b3-parentspanid"),
  persist("x-b3-sampled"),
  persist("x-b3-flags"),
  persist("x-ot-span-context"),
  persist("x-cloud-trace-context"),
  persist("x-amzn-trace-id"),
  persist("x-datadog-trace-id"),
  persist("x-datadog-parent-id"),
  persist("x-datadog-sampling-priority"),
  persist("uber-trace-id"),
  persist("sentry-trace"),
  persist("grpc-trace-bin"),
];

/** What is valid and still likely a mistake, as `lookups[0].service.path: …`. */
export function adviceOn(lookups: Array<LookupConfig>, responseCache: ResponseCacheConfig | null): Array<string> {
  const advice: Array<string> = [];
  for (let i = 0; i < lookups.length; i++) {
    adviseOnMatch(advice, `lookups[${i}].match`, lookups[i].match);
    const service = lookups[i].service;
    if (!service) continue;
    const key = lookups[i].key;
    adviseOn(advice, `lookups[${i}].service.path`, service.path, key);
    for (let j = 0; j < service.headers.length; j++) {
      const header = service.headers[j];
      adviseOn(advice, `lookups[${i}].service.headers.${textOf(header.name)}`, header.value, key);
    }
  }
  if (responseCache) adviseOnMatch(advice, "responseCache.match", responseCache.match);
  return advice;
}

/** Many routers take `/:id` for any segment. */
function adviseOnMatch(advice: Array<string>, path: string, match: Match): void {
  for (let i = 0; i < match.paths.length; i++) {
    const name = startOfName(match.paths[i].text);
    if (name < 0) continue;
    const text = textOf(match.paths[i].text);
    advice.push(
      `${path}.paths: "${printable(text)}" has no names: what follows a / is compared as it stands, with its colon ` +
        `(use ${printable(text.substring(0, name))}* for any segment)`,
    );
  }
}

/** Where a segment begins with a colon and a letter; -1 where none does. */
function startOfName(path: Slice): i32 {
  for (let i = 1; i < lengthOf(path); i++) {
    const begins = byteAt(path, i) == COLON && byteAt(path, i - 1) == SLASH;
    if (begins && isLetter(byteAt(path, i + 1))) return i;
  }
  return -1;
}

/** What the service is asked is kept under the key: a client could choose what others with that key get. */
function adviseOn(advice: Array<string>, path: string, template: Template, key: Template): void {
  for (let i = 0; i < template.parts.length; i++) {
    const part = template.parts[i];
    if (part.isLiteral || identifies(part) || isKnownBy(key, part)) continue;
    advice.push(
      `${path}: ${textOfPart(template, part)} is not in the key: the answer to one request is kept for others that differ in it ` +
        "(ask with the key's own values)",
    );
  }
}

function identifies(part: TemplatePart): bool {
  if (part.kind != PartKind.Header) return false;
  for (let i = 0; i < IDENTIFYING.length; i++) {
    if (equal(part.text, IDENTIFYING[i])) return true;
  }
  return false;
}

/** Whether requests with one key have one value of it. */
function isKnownBy(key: Template, part: TemplatePart): bool {
  for (let i = 0; i < key.parts.length; i++) {
    if (part.isSameValue(key.parts[i]) || key.parts[i].includesValue(part)) return true;
  }
  return false;
}

/** The part as it is written. */
function textOfPart(template: Template, part: TemplatePart): string {
  const start = part.position - 1;
  return template.text.substring(start, template.text.indexOf("}", start) + 1);
}
