import { bootstrap, wasmFilter, type HttpFilter } from "./envoy-config.ts";
import { Envoy } from "./envoy.ts";
import { send, type HttpReply, type HttpRequest } from "./http-client.ts";
import { originPart } from "./origin.ts";
import type { Part } from "./part.ts";
import { LOOPBACK } from "./ports.ts";
import { FILTER_WASM, requireEnvoy, requireFilter } from "./project.ts";
import { redisPart } from "./redis.ts";
import { routingServicePart } from "./routing-service.ts";
import { removeDirectory, scratchDirectory, startTogether, stopAll } from "./scratch.ts";
import { TOUR_CACHE_CONFIG, TOUR_CONFIG } from "./tour-config.ts";
import { webdisPart } from "./webdis.ts";

/** What differs from the tour. */
export interface HarnessOptions {
  /** The configuration of the one instance of the filter: an object, or text that gets to it as it is. */
  readonly pluginConfig?: Readonly<Record<string, unknown>> | string;
  /** Worker threads of Envoy; one when not given. */
  readonly workers?: number;
  /** An installed version of Envoy. */
  readonly envoyVersion?: string;
  /** Path of the filter; `build/signpost.wasm` when not given. */
  readonly wasm?: string;
  /** All HTTP filters before the router, in place of the one made from `wasm` and `pluginConfig`. */
  readonly httpFilters?: readonly HttpFilter[];
  /** Of the routing service, beside the addresses. */
  readonly routingServiceEnv?: Readonly<Record<string, string>>;
  /** Is told what is being started. */
  readonly report?: (line: string) => void;
}

/**
 * All parts of Signpost as processes of this machine, on free ports of the loopback address: Redis, Webdis, the sample
 * routing service, two upstreams and Envoy with the filter. Each can be stopped, killed, frozen and started again.
 */
export class Harness {
  /** Holds the log and the files of every part. */
  readonly directory: string;
  readonly redis: Part;
  readonly webdis: Part;
  readonly routingService: Part;
  readonly cells: { readonly "cell-1": Part; readonly "cell-2": Part };
  readonly envoy: Envoy;
  readonly #report: (line: string) => void;
  #stopping = false;

  /** Throws when the filter or that Envoy is not there. */
  constructor(options: HarnessOptions = {}) {
    const filters = options.httpFilters ?? signposts(options);
    const binary = requireEnvoy(options.envoyVersion);
    const directory = scratchDirectory();
    this.directory = directory;
    this.#report = options.report ?? (() => undefined);
    this.redis = redisPart(directory);
    this.webdis = webdisPart(directory, () => this.redis.port);
    this.routingService = routingServicePart(directory, () => this.redis.port, options.routingServiceEnv);
    this.cells = { "cell-1": originPart("cell-1", directory), "cell-2": originPart("cell-2", directory) };
    this.envoy = new Envoy({
      directory,
      binary,
      configuration: (port) =>
        bootstrap(port, filters, {
          webdis: this.webdis.port,
          "routing-service": this.routingService.port,
          "cell-1": this.cells["cell-1"].port,
          "cell-2": this.cells["cell-2"].port,
        }),
      ...(options.workers === undefined ? {} : { workers: options.workers }),
    });
  }

  get parts(): readonly Part[] {
    return this.#waves.flat();
  }

  /** What is started together; each wave needs the ports of those before it. */
  get #waves(): readonly (readonly Part[])[] {
    return [[this.redis], [this.cells["cell-1"], this.cells["cell-2"], this.webdis, this.routingService], [this.envoy]];
  }

  /** Starts everything; when one part fails, the others are left as they are: `stop` ends them. */
  async start(): Promise<void> {
    for (const wave of this.#waves) {
      if (this.#stopping) {
        throw new Error("told to stop while starting");
      }
      await startTogether(wave);
      for (const part of wave) {
        this.#report(`${part.name} on ${LOOPBACK}:${part.port}`);
      }
    }
  }

  /** Stops everything that runs, Envoy first, and removes the directory unless it is to be kept. */
  async stop({ keep = false } = {}): Promise<void> {
    this.#stopping = true;
    await stopAll(this.parts);
    if (!keep) {
      removeDirectory(this.directory);
    }
  }

  /** Sends a request through Envoy. */
  async send(request: Omit<HttpRequest, "port">): Promise<HttpReply> {
    return send({ ...request, port: this.envoy.port });
  }
}

/** Makes a harness and starts it; the caller stops it. When a part fails, all is stopped and the directory is kept. */
export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const harness = new Harness(options);
  try {
    await harness.start();
  } catch (error) {
    await harness.stop({ keep: true });
    throw error;
  }
  return harness;
}

/** The tour's two instances, routing and then caching, or one of another configuration. */
function signposts({ wasm = FILTER_WASM, pluginConfig }: HarnessOptions): readonly HttpFilter[] {
  const module = requireFilter(wasm);
  if (pluginConfig !== undefined) return [wasmFilter({ module, configuration: pluginConfig })];
  return [
    wasmFilter({ module, configuration: TOUR_CONFIG }),
    wasmFilter({ module, configuration: TOUR_CACHE_CONFIG, name: "signpost-cache" }),
  ];
}
