import { Template } from "../request/template";
import { TemplatePart } from "../request/template-part";
import { LookupConfig } from "./lookup-config";

/** What is valid and still likely a mistake, as `lookups[0].service.path: …`. */
export function adviceOn(lookups: Array<LookupConfig>): Array<string> {
  const advice: Array<string> = [];
  for (let i = 0; i < lookups.length; i++) {
    const service = lookups[i].service;
    if (service) adviseOnPath(advice, `lookups[${i}].service.path`, service.path, lookups[i].key);
  }
  return advice;
}

/** What the service is asked is kept under the key: a client could choose what others with that key get. */
function adviseOnPath(advice: Array<string>, path: string, template: Template, key: Template): void {
  for (let i = 0; i < template.parts.length; i++) {
    const part = template.parts[i];
    if (part.isLiteral || isIn(key, part)) continue;
    advice.push(
      `${path}: ${textOf(template, part)} is not in the key: the answer to one request is kept for others that differ in it ` +
        "(ask with the key's own values)",
    );
  }
}

function isIn(key: Template, part: TemplatePart): bool {
  for (let i = 0; i < key.parts.length; i++) {
    if (part.isSameValue(key.parts[i])) return true;
  }
  return false;
}

/** The part as it is written. */
function textOf(template: Template, part: TemplatePart): string {
  const start = part.position - 1;
  return template.text.substring(start, template.text.indexOf("}", start) + 1);
}
