import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { json, send, type HttpReply } from "./http-client.ts";
import { Part } from "./part.ts";
import { until } from "./readiness.ts";

/** How an Envoy is run. */
export interface EnvoyOptions {
  readonly directory: string;
  /**
   * Its configuration for a listener on `port` (0: any free one), as an object or as YAML. The admin interface must
   * listen on port 0.
   */
  readonly configuration: (port: number) => object | string;
  /** Path of the program. */
  readonly binary: string;
  /** Worker threads; one when not given. */
  readonly workers?: number;
}

/** An Envoy with one listener. */
export class Envoy extends Part {
  readonly #adminAddressFile: string;

  constructor(options: EnvoyOptions) {
    const configFile = `${options.directory}/envoy.yaml`;
    const adminAddressFile = `${options.directory}/envoy-admin`;
    super({
      name: "envoy",
      directory: options.directory,
      findsPort: true,
      program: (port) => {
        const configuration = options.configuration(port);
        // JSON is YAML.
        const text = typeof configuration === "string" ? configuration : JSON.stringify(configuration, null, 2);
        writeFileSync(configFile, text);
        rmSync(adminAddressFile, { force: true }); // of an earlier start
        return {
          command: options.binary,
          args: [
            ...["--config-path", configFile, "--admin-address-path", adminAddressFile],
            ...["--concurrency", String(options.workers ?? 1)],
            // Without hot restart several Envoys can run beside each other.
            "--disable-hot-restart",
            ...["--log-level", "warning", "--component-log-level", "wasm:info"],
          ],
        };
      },
      ready: ({ signal }) => until(signal, () => listenerPort(adminAddressFile)),
    });
    this.#adminAddressFile = adminAddressFile;
  }

  /** The port of the admin interface; another one after every start. */
  get adminPort(): number {
    return adminPort(this.#adminAddressFile);
  }

  /** Asks the admin interface. */
  async admin(path: string, method = "GET"): Promise<HttpReply> {
    return send({ port: this.adminPort, path, method });
  }

  /** The ports of all its listeners, by name. */
  async listenerPorts(): Promise<ReadonlyMap<string, number>> {
    const ports = await listeners(this.adminPort);
    return new Map(ports.map(({ name, port }) => [name, port]));
  }

  /** Counters and gauges whose names match the regular expression; all when it is empty. Histograms are left out. */
  async stats(filter = ""): Promise<ReadonlyMap<string, number>> {
    const reply = json(await this.admin(`/stats?format=json&filter=${encodeURIComponent(filter)}`)) as {
      stats: { name?: string; value?: number }[];
    };
    const numbers = reply.stats.flatMap(({ name, value }): [string, number][] =>
      name === undefined || value === undefined ? [] : [[name, value]],
    );
    return new Map(numbers);
  }
}

/** Throws while the file is not written yet: Envoy writes it when its admin interface listens. */
function adminPort(file: string): number {
  const port = existsSync(file) ? Number(readFileSync(file, "utf8").split(":").at(-1)) : NaN;
  if (!Number.isInteger(port)) {
    throw new Error("Envoy's admin interface does not listen yet");
  }
  return port;
}

/** The port of the one listener, as soon as the workers accept connections on it. */
async function listenerPort(adminAddressFile: string): Promise<number | undefined> {
  const port = adminPort(adminAddressFile);
  const started = await send({ port, path: "/stats?filter=%5Elistener_manager.workers_started%24" });
  if (!started.body.toString("utf8").includes("workers_started: 1")) {
    return undefined;
  }
  return (await listeners(port))[0]?.port;
}

async function listeners(adminPort: number): Promise<{ name: string; port: number }[]> {
  const { listener_statuses: statuses } = json(await send({ port: adminPort, path: "/listeners?format=json" })) as {
    listener_statuses: { name: string; local_address: { socket_address: { port_value: number } } }[];
  };
  return statuses.map(({ name, local_address: address }) => ({ name, port: address.socket_address.port_value }));
}
