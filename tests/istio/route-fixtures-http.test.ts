import { trafficExtension } from "./support/manifests.ts";
import { inMesh } from "./support/route-mesh.ts";
import { runRouteSuites } from "./support/route-suites.ts";

runRouteSuites("a TrafficExtension's file over HTTP, with its digest", (mesh, wanted) => {
  const { url, digest } = mesh.serveWasm();
  const plugins = wanted.map(({ name, config, port }) =>
    trafficExtension(name, { url, sha256: digest, pluginConfig: inMesh(config), ports: [port] }),
  );
  return Promise.resolve(plugins);
});
