import type { Tree } from "../plugin-config/index.ts";
import { quoted } from "../plugin-config/unquoted.ts";

/** What a value of another shape should look like, by the ends of paths; the longest one counts. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ["webdis", "{cluster: webdis}"],
  ["lookups", '[{name: route, key: "route:{host}"}]'],
  ["lookups[]", '{name: route, key: "route:{host}"}'],
  ["match", '{hosts: ["*.example.com"], paths: ["/api/*"]}'],
  ["match.hosts", '["*.example.com"]'],
  ["match.paths", '["/api/*"]'],
  ["match.methods", "[GET, POST]"],
  ["match.headers", '{x-tenant: "*"}'],
  ["service", '{cluster: routing, path: "/routes?host={host}"}'],
  ["service.headers", '{x-request-id: "{header[x-request-id]}"}'],
  ["local", "{ttl: 30s}, or false"],
  ["apply", '{path: "{record:/path}"}'],
  ["apply.headers", '[{name: x-org, value: "{record:/org}"}]'],
  ["apply.headers[]", '{name: x-org, value: "{record:/org}"}'],
  ["apply.removeHeaders", "[x-internal]"],
  ["owns", "[x-cell]"],
  ["breaker", "{failures: 5, open: 1s}"],
  ["responseCache", '{match: {paths: ["/catalog/*"]}}'],
  ["responseCache.key", '{query: {ignore: ["utm_*"]}, headers: [origin]}'],
  ["key.query", '{ignore: ["utm_*"]}'],
  ["key.query.ignore", '["utm_*"]'],
  ["key.headers", "[origin]"],
  ["responseCache.local", "{maxEntries: 10000, maxBytes: 32MiB}"],
  ["collapse", "{wait: 2s}"],
  ["invalidation", "{poll: 250ms}"],
  ["tracing", "{cluster: otel, sample: 1%}"],
]);

const WRONG_SHAPE = / is not an? (?:array|object)$/;

/** What to write in place of a value of the wrong shape; undefined for other mistakes. */
export function shapeHint(path: string, problem: string, value: Tree | undefined): string | undefined {
  if (problem === "not a string") return templateHint(value);
  // A number or nothing is no list or map that was written as another.
  const isPlain = value?.kind === "scalar" && typeof value.value !== "string";
  if (!WRONG_SHAPE.test(problem) || isPlain) return undefined;
  const plain = path.replaceAll(/\[\d+\]/g, "[]").replaceAll("lookups[].", "");
  const ends = [...EXAMPLES.keys()].filter((end) => plain === end || plain.endsWith(`.${end}`));
  const longest = ends.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return undefined;
  return `as in ${longest.replace(/^.*\./, "").replace("[]", "")}: ${EXAMPLES.get(longest) ?? ""}`;
}

/** A template without quotes is a map of one name without a value. */
function templateHint(value: Tree | undefined): string | undefined {
  const [only, ...others] = value?.kind === "object" ? value.members : [];
  if (only === undefined || others.length > 0) return undefined;
  const { name, nameStart, value: inner } = only;
  const isUnwritten = inner.kind === "scalar" && inner.value === null && inner.start === nameStart;
  return isUnwritten ? quoted(`{${name}}`) : undefined;
}
