import type { HeaderMap } from "proxy-wasm-host";
import type { Secrets } from "./secrets.ts";

/** A part of the request that the upstream gets otherwise than the client sent it. */
export interface Change {
  /** `path`, `host`, or a header's name. */
  readonly name: string;
  /** Every value the client sent; none when the header was not there. */
  readonly before: readonly string[];
  /** Every value the upstream gets; none when the header is removed. */
  readonly after: readonly string[];
}

const NAMES: Readonly<Record<string, string>> = { ":path": "path", ":authority": "host" };

/** What differs between the client's request and the upstream's, in the order in which headers are sent. */
export function changesBetween(client: HeaderMap, upstream: HeaderMap, secrets: Secrets): Change[] {
  const names = new Set([...client, ...upstream].map(([name]) => name));
  return [...names].flatMap((name) => {
    const before = client.getAll(name);
    const after = upstream.getAll(name);
    if (before.length === after.length && before.every((value, index) => value === after[index])) return [];
    const shown = (values: readonly string[]): string[] => values.map((value) => secrets.maskHeader(name, value));
    return [{ name: NAMES[name] ?? name, before: shown(before), after: shown(after) }];
  });
}
