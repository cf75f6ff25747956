import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { envoyConfig, everythingTo, listener, wasmFilter } from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { send } from "../../../envoy-local/lib/http-client.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { requireEnvoy } from "../../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../../../envoy-local/lib/scratch.ts";
import { ALLOWED, AUTHORIZER, CHAINS, CONFIGURATION, type Chain, type Edge, type Language, moduleOf } from "./edge.ts";

const UPSTREAM = "upstream";

/** The filters of a language on a real Envoy: a listener for each chain. */
export async function envoyWith(language: Language): Promise<Edge> {
  const directory = scratchDirectory();
  let got: Record<string, string | undefined> | undefined;
  const upstream = await serve(({ headers }, response) => {
    got = flat(headers);
    response.end("ok");
  });
  const authorizer = await serve(({ url }, response) => {
    response.writeHead(url === ALLOWED ? 200 : 401).end();
  });
  const listeners = CHAINS.map((chain) => {
    const filters = chain.map((name) => {
      // One VM for each filter, wherever it is: Envoy takes its time to compile one of Go.
      const plugin = { module: moduleOf(language, name), configuration: CONFIGURATION, vmId: name };
      return wasmFilter({ ...plugin, name: `${nameOf(chain)}-${name}` });
    });
    return listener(nameOf(chain), 0, filters, everythingTo({ route: { cluster: UPSTREAM } }));
  });
  const clusters = { [UPSTREAM]: portOf(upstream), [AUTHORIZER]: portOf(authorizer) };
  const configuration = envoyConfig(listeners, clusters);
  const envoy = new Envoy({ directory, binary: requireEnvoy(), configuration: () => configuration });
  await envoy.start();
  const ports = await envoy.listenerPorts();
  return {
    get: async (chain, path) => {
      got = undefined;
      const { status, headers, body } = await send({ port: ports.get(nameOf(chain)) ?? 0, path });
      return { status, headers: flat(headers), body: body.toString(), upstream: got };
    },
    log: () => envoy.log.all(),
    stop: async () => {
      await envoy.stop();
      for (const server of [upstream, authorizer]) {
        server.closeAllConnections();
        server.close();
      }
      removeDirectory(directory);
    },
  };
}

async function serve(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function nameOf(chain: Chain): string {
  return chain.join("-and-");
}

function flat(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]));
}
