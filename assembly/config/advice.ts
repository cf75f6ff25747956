import { Slice, equal, persist, textOf } from "as-bytes/assembly";
import { Template } from "../request/template";
import { PartKind, TemplatePart } from "../request/template-part";
import { LookupConfig } from "./lookup-config";

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
export function adviceOn(lookups: Array<LookupConfig>): Array<string> {
  const advice: Array<string> = [];
  for (let i = 0; i < lookups.length; i++) {
    const service = lookups[i].service;
    if (!service) continue;
    const key = lookups[i].key;
    adviseOn(advice, `lookups[${i}].service.path`, service.path, key);
    for (let j = 0; j < service.headers.length; j++) {
      const header = service.headers[j];
      adviseOn(advice, `lookups[${i}].service.headers.${textOf(header.name)}`, header.value, key);
    }
  }
  return advice;
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
