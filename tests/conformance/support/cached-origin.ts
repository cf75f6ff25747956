import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { envoyConfig, everythingTo, listener, wasmFilter } from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { Program } from "../../../envoy-local/lib/process.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "../../../envoy-local/lib/project.ts";
import { until, whileRunning } from "../../../envoy-local/lib/readiness.ts";
import { removeDirectory, scratchDirectory } from "../../../envoy-local/lib/scratch.ts";
import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import type { Results } from "./model.ts";
import { SUITE_ROOT, suiteFile } from "./suite.ts";

/** Tests invalidate with M-SEARCH: methods that Envoy does not know are else refused before any filter sees them. */
const SETTINGS = { http_protocol_options: { allow_custom_methods: true } };

/** How many tests run at once: most of them wait most of the time. */
const TOGETHER = 100;

/** The suite's own origin behind a real Envoy with the filter, and the suite's client in front of it. */
export class CachedOrigin {
  readonly #directory = scratchDirectory();
  readonly #socket = `${this.#directory}/origin.sock`;
  readonly #envoy: Envoy;
  #origin: Program | undefined;

  constructor(pluginConfig: PluginConfig) {
    const filter = wasmFilter({ module: requireFilter(FILTER_WASM), configuration: pluginConfig });
    this.#envoy = new Envoy({
      directory: this.#directory,
      binary: requireEnvoy(),
      // One worker: each has a store of its own, and a test's requests may come over several connections.
      workers: 1,
      configuration: (port) =>
        envoyConfig([listener("cached", port, [filter], everythingTo({ route: { cluster: "origin" } }), SETTINGS)], {
          origin: this.#socket,
        }),
    });
  }

  async start(): Promise<void> {
    this.#origin = new Program({
      name: "origin",
      command: process.execPath,
      args: [suiteFile("server/server.mjs")],
      directory: this.#directory,
      logFile: `${this.#directory}/origin.log`,
      env: {
        npm_config_protocol: "http",
        // It listens on all addresses of a port, which could be taken besides; a path makes it a Unix socket.
        npm_config_port: this.#socket,
        npm_config_pidfile: `${this.#directory}/origin.pid`,
      },
    });
    await whileRunning(this.#origin, "served", (signal) => until(signal, () => accepts(this.#socket)));
    await this.#envoy.start();
  }

  async stop(): Promise<void> {
    await this.#envoy.stop();
    await this.#origin?.stop();
    removeDirectory(this.#directory);
  }

  /** What the origin and the client have printed: for single tests, their requests and responses. */
  get transcript(): string {
    return ["origin", "client"].map((name) => readFileSync(`${this.#directory}/${name}.log`, "utf8")).join("\n");
  }

  /** Runs these tests of the suite, all of them when no id is given; so many at once. */
  async run(ids: readonly string[] = [], { dump = false, together = TOGETHER } = {}): Promise<Results> {
    const client = new Program({
      name: "client",
      command: process.execPath,
      args: [
        ...["--import", import.meta.resolve("tsx"), `${SUITE_ROOT}client.ts`],
        ...[`http://${LOOPBACK}:${this.#envoy.port}`, ...ids],
      ],
      directory: this.#directory,
      logFile: `${this.#directory}/client.log`,
      env: { DUMP: dump ? "1" : "", TOGETHER: String(together) },
      messages: true,
    });
    try {
      return (await Promise.race([client.message(), client.ended.then(fail)])) as Results;
    } finally {
      await client.stop();
    }
  }
}

function fail(sentence: string): never {
  throw new Error(`${sentence} before it sent its results`);
}

async function accepts(socket: string): Promise<true> {
  const connection = connect(socket);
  try {
    await once(connection, "connect");
    return true;
  } finally {
    connection.destroy();
  }
}
