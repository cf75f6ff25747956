import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { PROJECT_ROOT } from "../../../envoy-local/lib/project.ts";
import type { Group, Results, TestDefinition } from "./model.ts";

export const SUITE_ROOT = `${PROJECT_ROOT}tests/conformance/suite/`;
const PACKAGE_ROOT = `${SUITE_ROOT}node_modules/http-cache-tests/`;

/** The group that is not about HTTP itself; the results published for other caches are counted without it. */
export const SURROGATE_CONTROL = "surrogate-control";

/** Another cache whose results the package ships. */
export interface OtherCache {
  readonly name: string;
  readonly version: string;
  readonly results: Results;
}

/** A file of the package; an error that says how to install it when it is not there. */
export function suiteFile(path: string): string {
  if (!existsSync(PACKAGE_ROOT)) {
    throw new Error(
      `no http-cache-tests at ${PACKAGE_ROOT}: install it with ./envoy-local/install.sh http-cache-tests`,
    );
  }
  return PACKAGE_ROOT + path;
}

/** The groups with the tests that are for shared caches, in the suite's order. */
export async function loadGroups(): Promise<readonly Group[]> {
  const groups = await loadDefault<Group[]>("tests/index.mjs");
  const surrogateControl = await loadDefault<Group>("tests/surrogate-control.mjs");
  return [...groups, surrogateControl].map((group) => ({
    ...group,
    tests: group.tests.filter((test) => test.browser_only !== true),
  }));
}

export function testsOf(groups: readonly Group[]): readonly TestDefinition[] {
  return groups.flatMap((group) => group.tests);
}

/** The caches that stand before an origin as ours does, and are in wide use. */
export async function loadOtherCaches(): Promise<readonly OtherCache[]> {
  const files = ["apache.json", "squid.json", "trafficserver.json", "varnish.json", "nginx.json"];
  const index = await loadDefault<{ file: string; name: string; version: string }[]>("results/index.mjs");
  return files.map((file) => {
    const entry = index.find((each) => each.file === file);
    if (entry === undefined) {
      throw new Error(`http-cache-tests ships no results ${file}`);
    }
    const results = JSON.parse(readFileSync(suiteFile(`results/${file}`), "utf8")) as Results;
    return { name: entry.name, version: entry.version, results };
  });
}

async function loadDefault<T>(path: string): Promise<T> {
  const module = (await import(pathToFileURL(suiteFile(path)).href)) as { default: T };
  return module.default;
}
