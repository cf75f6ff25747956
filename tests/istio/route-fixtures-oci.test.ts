import { wasmPlugin } from "./support/manifests.ts";
import { inMesh } from "./support/route-mesh.ts";
import { runRouteSuites } from "./support/route-suites.ts";

runRouteSuites("a WasmPlugin's image, with the digest of its manifest", async (mesh, wanted) => {
  const { url, digest } = await mesh.pushImage();
  return wanted.map(({ name, config, port }) =>
    wasmPlugin(name, { url, sha256: digest, pluginConfig: inMesh(config), ports: [port] }),
  );
});
