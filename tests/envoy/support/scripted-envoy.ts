import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { envoyConfig, everythingTo, listener, wasmFilter } from "../../../envoy-local/lib/envoy-config.ts";
import { Envoy } from "../../../envoy-local/lib/envoy.ts";
import { LOOPBACK, freePort } from "../../../envoy-local/lib/ports.ts";
import { requireEnvoy } from "../../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../../../envoy-local/lib/scratch.ts";
import {
  AUTHORITY,
  EMPTY_CLUSTER,
  OVER,
  REFUSING_CLUSTER,
  scriptOf,
  type Fixture,
  type Outcome,
} from "../../../packages/proxy-wasm-host/tests/fixtures/fixture.ts";
import { RawResponse } from "./raw-response.ts";
import { compileFixture } from "../../../packages/proxy-wasm-host/tests/compile.ts";
import { scriptText } from "../../../packages/proxy-wasm-host/tests/scripted.ts";

/** A fixture without what comes of it. */
type Scenario = Pick<Fixture, "name" | "script" | "request" | "upstream">;

/** How long a fixture may take, and how long a client that waits for more is given, in milliseconds. */
const LIMIT = 20_000;
const PATIENCE = 300;

/** The upstream of one fixture: answers as it says and keeps what it got. */
class Upstream {
  got: Outcome["upstreamGets"] = null;
  readonly #server: Server;

  constructor({ upstream = {} }: Scenario) {
    this.#server = createServer((request, response) => {
      this.got = { path: request.url ?? "", headers: flat(request), body: "" };
      read(request).then(
        (body) => {
          this.got = { path: request.url ?? "", headers: flat(request), body };
          const length = upstream.body === undefined ? {} : { "content-length": String(upstream.body.length) };
          response.writeHead(upstream.status ?? 200, { ...length, ...upstream.headers });
          response.end(upstream.body);
        },
        // The request was cut: it stands as far as it came.
        () => undefined,
      );
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, LOOPBACK);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** An Envoy that has the scripted filter of the host's tests once for each fixture, with a listener and an upstream each. */
export class ScriptedEnvoy {
  readonly #directory = scratchDirectory();
  readonly #envoy: Envoy;
  readonly #upstreams: ReadonlyMap<string, Upstream>;
  #ports: ReadonlyMap<string, number> = new Map();

  private constructor(
    version: string,
    fixtures: readonly Scenario[],
    ports: ReadonlyMap<string, number>,
    unused: number,
  ) {
    const module = `${this.#directory}/scripted.wasm`;
    this.#upstreams = new Map();
    const listeners = fixtures.map((fixture, i) => {
      const name = nameOf(i);
      const plugin = { module, configuration: scriptText(scriptOf(fixture)), name, vmId: name };
      return listener(name, 0, [wasmFilter(plugin)], everythingTo({ route: { cluster: name } }), {
        delayed_close_timeout: "0s",
      });
    });
    const clusters = { ...Object.fromEntries(ports), [REFUSING_CLUSTER]: unused };
    const configuration = envoyConfig(listeners, clusters) as { static_resources: { clusters: object[] } };
    configuration.static_resources.clusters.push({ name: EMPTY_CLUSTER, type: "STATIC", connect_timeout: "1s" });
    this.#envoy = new Envoy({
      directory: this.#directory,
      binary: requireEnvoy(version),
      configuration: () => configuration,
    });
  }

  static async start(version: string, fixtures: readonly Scenario[]): Promise<ScriptedEnvoy> {
    const upstreams = fixtures.map((fixture) => new Upstream(fixture));
    const ports = await Promise.all(upstreams.map((upstream) => upstream.listen()));
    const started = new ScriptedEnvoy(
      version,
      fixtures,
      new Map(ports.map((port, i) => [nameOf(i), port])),
      await freePort(),
    );
    writeFileSync(`${started.#directory}/scripted.wasm`, await compileFixture("scripted"));
    upstreams.forEach((upstream, i) => (started.#upstreams as Map<string, Upstream>).set(nameOf(i), upstream));
    await started.#envoy.start();
    started.#ports = await started.#envoy.listenerPorts();
    return started;
  }

  async stop(): Promise<void> {
    for (const upstream of this.#upstreams.values()) upstream.close();
    await this.#envoy.stop();
    removeDirectory(this.#directory);
  }

  /** Sends the request of the fixture with this index, and waits until its filter is gone. */
  async run(index: number, { request = {} }: Scenario): Promise<Outcome> {
    const name = nameOf(index);
    const over = this.#over(name);
    const client = await this.#send(name, request, over);
    await over;
    return {
      client,
      log: this.#logOf(name).filter((line) => line !== OVER),
      upstreamGets: this.#upstreams.get(name)?.got ?? null,
    };
  }

  /** Sends the request of the fixture with this index; settles when Envoy's process has ended. */
  async crashOf(index: number, { request = {} }: Scenario): Promise<void> {
    const ended = this.#until(() => !this.#envoy.running, "Envoy still runs");
    await this.#send(nameOf(index), request, ended);
    await ended;
  }

  /** Over a bare socket: an HTTP library would refuse some of the responses. */
  async #send(name: string, request: NonNullable<Fixture["request"]>, over: Promise<void>): Promise<Outcome["client"]> {
    const socket = connect(this.#ports.get(name) ?? 0, LOOPBACK);
    const { body = "" } = request;
    const length = body === "" ? {} : { "content-length": String(body.length) };
    const fields = Object.entries({ host: AUTHORITY, ...length, ...request.headers });
    const head = fields.map(([field, value]) => `${field}: ${value}\r\n`).join("");
    socket.write(`${request.method ?? (body === "" ? "GET" : "POST")} / HTTP/1.1\r\n${head}\r\n${body}`);
    const response = new RawResponse();
    const complete = new Promise<void>((resolve) => {
      socket.on("data", (bytes) => {
        response.add(bytes);
        if (response.isComplete) resolve();
      });
      socket.once("close", resolve);
    });
    socket.on("error", () => undefined);
    // A client that waits for more when all is over in the proxy is given some time.
    await Promise.race([complete, over.then(async () => delay(PATIENCE))]);
    const closed = socket.destroyed || socket.readableEnded;
    socket.destroy();
    if (response.isComplete) return response.view;
    return closed ? "reset" : "incomplete";
  }

  async #over(name: string): Promise<void> {
    await this.#until(() => {
      if (!this.#envoy.running) throw new Error(`Envoy has ended:\n${this.#envoy.log.tail(12)}`);
      return this.#logOf(name).includes(OVER);
    }, `${name} is not over`);
  }

  async #until(condition: () => boolean, otherwise: string): Promise<void> {
    const end = performance.now() + LIMIT;
    while (performance.now() < end) {
      if (condition()) return;
      await delay(10);
    }
    throw new Error(`${otherwise}:\n${this.#envoy.log.tail(12)}`);
  }

  #logOf(name: string): string[] {
    const line = new RegExp(`wasm log ${name} ${name} ${name}: (.*)$`);
    return this.#envoy.log
      .all()
      .split("\n")
      .flatMap((text) => line.exec(text)?.[1] ?? []);
  }
}

function nameOf(index: number): string {
  return `fixture-${index}`;
}

function flat({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]));
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
