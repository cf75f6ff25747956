/**
 * What we use of the packages, which bring no types; declared here, the type check does not need them installed. A module
 * declared so cannot name our own types: they are in `../support/model.ts`.
 */
declare module "http-cache-tests/client/runner.mjs" {
  export function runTests(
    groups: readonly object[],
    fetch: unknown,
    browser: boolean,
    baseUrl: string,
    atOnce: number,
  ): Promise<void>;
  export function getResults(): object;
}

declare module "http-cache-tests/tests/index.mjs" {
  const groups: unknown;
  export default groups;
}

declare module "http-cache-tests/tests/surrogate-control.mjs" {
  const group: unknown;
  export default group;
}

declare module "node-fetch" {
  export default function fetch(url: string, init?: object): unknown;
}
