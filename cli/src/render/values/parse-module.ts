import { RULES } from "./text-rules.ts";
import { type ModuleValues, type NodeCacheValues, PULL_POLICIES } from "./values.ts";
import type { ValueReader } from "./value-reader.ts";

/** The digest of nothing: what the shipped values have until a module is published. */
const PLACEHOLDER = "0".repeat(64);

export function parseModule(value: ValueReader): ModuleValues | undefined {
  if (!value.isGiven) return undefined;
  return value.object((field) => {
    const url = field("url").requiredText(RULES.moduleUrl);
    const digest = field("sha256");
    const sha256 = digest.text(RULES.sha256);
    const module = {
      url,
      sha256,
      pullPolicy: field("pullPolicy").oneOf(PULL_POLICIES),
      pullSecret: field("pullSecret").text(RULES.resource),
    };
    warnOfPlaceholder(digest, sha256);
    checkDigest(field("url"), url, sha256);
    if (!url.startsWith("oci:") && module.pullSecret !== undefined) field("pullSecret").refuse("only for oci://");
    return module;
  });
}

function checkDigest(value: ValueReader, url: string, sha256: string | undefined): void {
  const pinned = /@sha256:([0-9a-f]{64})$/.exec(url)?.[1];
  if (pinned !== undefined && sha256 !== undefined && pinned !== sha256)
    value.refuse("its @sha256 is another than module.sha256 (give one, or the same)");
  if (pinned === undefined && sha256 === undefined && !url.startsWith("file:"))
    value.warn("no sha256: nothing holds the module to what was meant");
  // Istio hands a file's name to Envoy and compares nothing.
  if (url.startsWith("file:") && !/\/[0-9a-f]{64}\.wasm$/.test(url))
    value.warn("Istio does not check a file's digest: name the file <sha256>.wasm, as the node cache does");
}

export function parseNodeCache(value: ValueReader): NodeCacheValues | undefined {
  if (!value.isGiven) return undefined;
  return value.object((field) => {
    const sha256 = field("sha256").requiredText(RULES.sha256);
    warnOfPlaceholder(field("sha256"), sha256);
    return { sha256, path: field("path").text(RULES.path) ?? "/var/lib/signpost/wasm" };
  });
}

function warnOfPlaceholder(value: ValueReader, sha256: string | undefined): void {
  if (sha256 === PLACEHOLDER) value.warn("a placeholder: no module has this digest, so none would be loaded");
}
