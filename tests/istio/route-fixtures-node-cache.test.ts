import { afterAll } from "vitest";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { NODE_CACHE_PATH, fillNodeCache, nodeCacheFilter } from "./support/node-cache-filter.ts";
import { runRouteSuites } from "./support/route-suites.ts";

const nodeCache = scratchDirectory();

afterAll(() => {
  removeDirectory(nodeCache);
});

runRouteSuites(
  "an EnvoyFilter that is rendered for the node cache",
  (_, wanted) => {
    const sha256 = fillNodeCache(nodeCache);
    return Promise.all(wanted.map(({ name, config, port }) => nodeCacheFilter(name, config, port, sha256)));
  },
  { pod: { volumes: { [NODE_CACHE_PATH]: nodeCache } } },
);
