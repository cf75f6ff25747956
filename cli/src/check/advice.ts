import { hintFor } from "../nearest-name.ts";
import {
  type Diagnostic,
  type ManifestFacts,
  type PluginConfigSource,
  type Tree,
  valueAt,
} from "../plugin-config/index.ts";

/** Warnings about a configuration that the module accepts: what is allowed and not meant. */
export function adviceOn(source: PluginConfigSource): Diagnostic[] {
  const { manifest } = source;
  // The module itself warns of a configuration that does nothing.
  if (isEmpty(source) || manifest === undefined) return [];
  return [
    ...phaseAdvice(source, manifest),
    ...bodyAdvice(source, manifest),
    ...failureAdvice(source, manifest),
    ...digestAdvice(manifest),
    ...moduleAdvice(manifest),
    ...clusterAdvice(source, manifest),
  ];
}

function isEmpty({ json, tree }: PluginConfigSource): boolean {
  return json.trim() === "" || (tree?.kind === "object" && tree.members.length === 0);
}

function hasLookups({ tree }: PluginConfigSource): boolean {
  const lookups = valueAt(tree, "lookups");
  return lookups?.kind === "array" && lookups.items.length > 0;
}

/** Routing belongs before authorization, caching after it. */
function phaseAdvice(source: PluginConfigSource, { phase, diagnose }: ManifestFacts): Diagnostic[] {
  const advice: Diagnostic[] = [];
  const isBefore = phase === "AUTHN" || phase === "AUTHZ";
  const isAfter = phase === "STATS" || phase === "UNSPECIFIED";
  if (hasLookups(source) && isAfter) {
    const where = phase === "STATS" ? "STATS is" : "without a phase the plugin is";
    const why = "authorization sees the request as it was, and the lookups route it past that";
    advice.push(diagnose("warning", "phase", `${where} after authorization: ${why} (use AUTHN)`));
  }
  if (valueAt(source.tree, "responseCache") !== undefined && isBefore) {
    const why = "responseCache answers requests that authorization would refuse";
    advice.push(diagnose("warning", "phase", `${phase} is before authorization: ${why} (use STATS)`));
  }
  return advice;
}

/** A body that is written behind a 304 of the cache's is the next response to an HTTP/1.1 client. */
function bodyAdvice(source: PluginConfigSource, { bodyWriters, diagnose }: ManifestFacts): Diagnostic[] {
  if (bodyWriters.length === 0 || valueAt(source.tree, "responseCache") === undefined) return [];
  const why = "a client takes one behind a 304 from the cache for its next response";
  const message = `${bodyWriters.join(", ")} is before responseCache and may write response bodies: ${why}`;
  return [diagnose("warning", "phase", `${message} (use it after the cache, or let it leave a 304 alone)`)];
}

function failureAdvice(source: PluginConfigSource, { failStrategy, diagnose }: ManifestFacts): Diagnostic[] {
  if (failStrategy === undefined) {
    const message =
      "not given: after a fault in the module a worker refuses every request (FAIL_RELOAD starts it anew)";
    return [diagnose("warning", "failStrategy", message)];
  }
  if (failStrategy !== "FAIL_OPEN" || !hasLookups(source)) return [];
  const why =
    "without the module requests go unrouted, with the headers that only lookups may set as clients sent them";
  return [diagnose("warning", "failStrategy", `FAIL_OPEN: ${why}`)];
}

/** As Envoy and Istio write the digest that they compare with. */
const DIGEST = /^[0-9a-f]{64}$/;

function digestAdvice({ kind, module, lacksDigest, digest, diagnose }: ManifestFacts): Diagnostic[] {
  if (lacksDigest && kind === "Envoy") {
    return [diagnose("error", "module", "no sha256: Envoy refuses a remote module without one")];
  }
  if (lacksDigest) return [diagnose("warning", "module", "no sha256: nothing holds the module to what was meant")];
  // Istio hands "nil" on where nothing is given, and compares no file on the disk.
  if (!digest || digest === "nil" || DIGEST.test(digest) || module?.startsWith("file:") === true) return [];
  const how = "64 digits 0-9 and a-f, with nothing before them";
  return [diagnose("error", "module", `no module has the sha256 ${JSON.stringify(digest)} (it is ${how})`)];
}

function moduleAdvice({ isFetchedLate, moduleCluster, clusters, diagnose }: ManifestFacts): Diagnostic[] {
  const advice: Diagnostic[] = [];
  if (moduleCluster !== undefined && clusters?.has(moduleCluster) === false) {
    const message = noCluster(moduleCluster, clusters);
    advice.push(diagnose("error", "module", `${message}: the module cannot be fetched, and every request gets 503`));
  }
  const why = "Envoy does not fetch one that discovery brings after its start, and lets requests pass unfiltered";
  if (isFetchedLate) {
    advice.push(diagnose("warning", "module", `a module at a remote address: ${why} (use code.local)`));
  }
  return advice;
}

function noCluster(name: string, clusters: ReadonlySet<string>): string {
  return `there is no cluster ${JSON.stringify(name)} in static_resources (${hintFor(name, [...clusters])})`;
}

/** Calls to a cluster that the proxy does not have fail. */
function clusterAdvice(source: PluginConfigSource, { clusters }: ManifestFacts): Diagnostic[] {
  if (clusters === undefined) return [];
  return clusterFields(source.tree, "").flatMap(([path, name]): Diagnostic[] => {
    if (clusters.has(name)) return [];
    const message = noCluster(name, clusters);
    return [{ severity: "warning", path, message, position: source.positionOf(path), document: source.document }];
  });
}

function clusterFields(tree: Tree | undefined, path: string): [path: string, name: string][] {
  if (tree?.kind === "array") return tree.items.flatMap((item, index) => clusterFields(item, `${path}[${index}]`));
  if (tree?.kind !== "object") return [];
  return tree.members.flatMap(({ name, value }): [string, string][] => {
    const place = path === "" ? name : `${path}.${name}`;
    if (name === "cluster" && value.kind === "scalar" && typeof value.value === "string") return [[place, value.value]];
    return clusterFields(value, place);
  });
}
