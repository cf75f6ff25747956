import { textOf } from "as-bytes/assembly";
import { LookupConfig } from "../config/lookup-config";
import { WebdisConfig } from "../config/webdis-config";

/**
 * What decides which record a key stands for: where the tiers are and what they are asked. Two configurations that
 * agree in it may share what is stored, whatever else differs. Nothing secret is in it.
 */
export function storeIdentity(lookup: LookupConfig, webdis: WebdisConfig | null): string {
  const parts = [lookup.key.text];
  if (lookup.webdis && webdis) {
    parts.push(textOf(webdis.cluster));
    parts.push(textOf(webdis.authority));
    parts.push(webdis.database.toString());
    parts.push(webdis.username);
    parts.push(textOf(webdis.keyPrefix));
  }
  const service = lookup.service;
  if (service) {
    parts.push(textOf(service.cluster));
    parts.push(textOf(service.authority));
    parts.push(textOf(service.method));
    parts.push(service.path.text);
    for (let i = 0; i < service.headers.length; i++) {
      parts.push(textOf(service.headers[i].name));
      parts.push(service.headers[i].value.text);
    }
  }
  // A character that none of them can hold: no two lists of parts make one identity.
  return parts.join("\0");
}
