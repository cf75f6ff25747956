import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { envoyConfig, listener } from "../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../envoy-local/lib/envoy.ts";
import { json, send, type HttpReply } from "../../envoy-local/lib/http-client.ts";
import { nodeProgram } from "../../envoy-local/lib/node-program.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { HOST, keyOf } from "../fixtures/route/fixture.ts";
import { VALUES, at, changed, find, render } from "../cli/support/render.ts";
import { RealTiers } from "./support/real-tiers.ts";

const WEBDIS_HOST = "webdis.signpost.svc.cluster.local";
const VARIABLE = "SIGNPOST_TEST_WEBDIS_PASSWORD";

const tiers = new RealTiers();
const directory = scratchDirectory();
const upstream = nodeProgram({ name: "echo", directory, script: "envoy-local/origin/echo.ts" });
let envoy: Envoy;

/** The node cache: the module under its digest. */
function cachedModule(): string {
  const module = requireFilter(FILTER_WASM);
  const digest = createHash("sha256").update(readFileSync(module)).digest("hex");
  copyFileSync(module, `${directory}/${digest}.wasm`);
  return digest;
}

/** The rendered EnvoyFilter's patches. */
async function patches(): Promise<Record<"extension" | "filter" | "route", unknown>> {
  const { documents, stderr } = await render(
    changed(VALUES, {
      nodeCache: { sha256: cachedModule(), path: directory },
      callouts: { webdis: { host: WEBDIS_HOST, port: 7379 } },
      "config.webdis": {
        cluster: "webdis",
        username: WEBDIS_CREDENTIALS.username,
        passwordEnv: VARIABLE,
        timeout: "5s",
      },
      "config.lookups": [{ name: "route", match: { paths: ["/*"] }, key: "route:{host}:{path[1]}", owns: ["x-cell"] }],
      disableOn: ["health"],
    }),
    ...["--form", "envoyfilter"],
  );
  const filter = find(documents, "EnvoyFilter", "signpost-routing");
  expect(filter, stderr).toBeDefined();
  const valueOf = (index: number): unknown => at(filter, `spec.configPatches.${index}.patch.value`);
  return { extension: valueOf(0), filter: valueOf(1), route: valueOf(2) };
}

/** As istiod does it, but from files in place of its stream; the second listener's module is not there. */
async function configuration(): Promise<object> {
  const { extension, filter, route } = await patches();
  const toUpstream = { route: { cluster: "upstream" } };
  const routes = [
    { name: "health", match: { path: "/api/health" }, ...toUpstream, ...(route as object) },
    { name: "all", match: { prefix: "/" }, ...toUpstream },
  ];
  const gone = JSON.parse(JSON.stringify(extension).replace(/[0-9a-f]{64}\.wasm/, "gone.wasm")) as object;
  return envoyConfig(
    [
      listener("gateway", 0, [discovered(filter, "extension", extension)], routes),
      listener("gone", 0, [discovered(filter, "gone", gone)], routes),
    ],
    { [`outbound|7379||${WEBDIS_HOST}`]: tiers.webdis.port, upstream: upstream.port },
  );
}

/** The filter, discovering this extension from a file. */
function discovered(filter: unknown, name: string, extension: unknown): object {
  const path = `${directory}/${name}.json`;
  const type = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";
  const resources = [{ "@type": type, ...(extension as object) }];
  writeFileSync(path, JSON.stringify({ version_info: "1", resources }));
  const discovery = at(filter, "config_discovery") as object;
  const config_source = { resource_api_version: "V3", path_config_source: { path } };
  return { ...(filter as object), config_discovery: { ...discovery, config_source } };
}

beforeAll(async () => {
  // Envoy gets it as the gateway's pod does, and the VM from Envoy.
  process.env[VARIABLE] = WEBDIS_CREDENTIALS.password;
  await Promise.all([tiers.start(), upstream.start()]);
  const config = await configuration();
  envoy = new Envoy({ directory, binary: requireEnvoy(), configuration: () => config });
  await envoy.start();
  for (const tenant of ["acme", "health"])
    await tiers.put(keyOf(HOST, tenant), '{"path": "/svc/acme", "headers": {"x-cell": "cell-1"}}');
});

afterAll(async () => {
  Reflect.deleteProperty(process.env, VARIABLE);
  await envoy.stop();
  await upstream.stop();
  await tiers.stop();
  removeDirectory(directory);
});

async function ask(path: string, name = "gateway"): Promise<HttpReply> {
  const port = (await envoy.listenerPorts()).get(name) ?? 0;
  return send({ port, path, headers: { host: HOST, "x-cell": "cell-9" } });
}

/** What the upstream got. */
function received(reply: HttpReply): { path: string; cell: string[] | undefined } {
  const { path, headers } = json(reply) as { path: string; headers: Record<string, string[]> };
  return { path, cell: headers["x-cell"] };
}

describe("the rendered EnvoyFilter in the real Envoy", () => {
  it("loads the node cache's file and routes, with the password from Envoy's environment", async () => {
    expect(received(await ask("/api/acme"))).toEqual({ path: "/svc/acme", cell: ["cell-1"] });
  });

  it("does nothing on a route it is switched off on, also not take headers away", async () => {
    expect(received(await ask("/api/health"))).toEqual({ path: "/api/health", cell: ["cell-9"] });
  });

  it("refuses requests while the file is missing, and lets none by", async () => {
    expect((await ask("/api/acme", "gone")).status).toBe(500);
  });
});
