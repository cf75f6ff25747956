import { mkdirSync } from "node:fs";
import { Part } from "../../../envoy-local/lib/part.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { removeDirectory } from "../../../envoy-local/lib/scratch.ts";
import { type CommandOptions, output, run } from "../../istio/support/command.ts";

/**
 * A Docker engine of our own, apart from any other on this machine: with its own store, socket, and namespaces for network,
 * processes and mounts. Ports that containers publish are taken in its network only; from there nothing outside is reached.
 * When it is killed the kernel ends all that it has started.
 */
export class DockerEngine {
  readonly #directory: string;
  readonly #daemon: Part;

  /** @param directory for its store and its log */
  constructor(directory: string) {
    this.#directory = directory;
    this.#daemon = new Part({
      name: "dockerd",
      directory,
      findsPort: true,
      program: () => {
        // All that it says of a failure is said where root is missing: "unshare failed: Operation not permitted".
        if (process.getuid?.() !== 0)
          throw new Error("a Docker engine can be started by root only: run this test as root");
        const options = [
          ...["--data-root", `${directory}/store`, "--exec-root", `${directory}/run`],
          ...["--host", this.host, "--pidfile", `${directory}/dockerd.pid`],
        ];
        // Without what runs on this machine: a containerd whose socket is in /run it would take for its own.
        const script = 'mount -t tmpfs tmpfs /run && ip link set lo up && exec dockerd "$@"';
        const namespaces = ["--net", "--pid", "--mount-proc", "--fork", "--kill-child"];
        return { command: "unshare", args: [...namespaces, "sh", "-c", script, "sh", ...options] };
      },
      // The socket is no port.
      ready: ({ signal }) =>
        until(signal, async () => ((await run("docker", ["version"], { env: this.env })).code === 0 ? 1 : undefined)),
    });
  }

  /** As in `DOCKER_HOST`. */
  get host(): string {
    return `unix://${this.#directory}/docker.sock`;
  }

  /** What Docker's tools need to speak with it, and not with another. */
  get env(): Readonly<Record<string, string>> {
    // Without a configuration of the user's: it may name another context.
    return { DOCKER_HOST: this.host, DOCKER_CONFIG: `${this.#directory}/config`, DOCKER_BUILDKIT: "0" };
  }

  async start(): Promise<void> {
    mkdirSync(`${this.#directory}/config`, { recursive: true });
    await this.#daemon.start();
  }

  /** Ends it with all its containers, and removes its store. */
  async stop(): Promise<void> {
    if (this.#daemon.running) {
      const containers = (await this.docker("ps", "--all", "--quiet")).split("\n").filter((id) => id !== "");
      if (containers.length > 0) await this.docker("rm", "--force", ...containers);
      await this.#daemon.kill();
    }
    for (const part of ["store", "run"]) removeDirectory(`${this.#directory}/${part}`);
  }

  /** Runs `docker`, which has to succeed, and gives what it printed. */
  async docker(...args: readonly string[]): Promise<string> {
    return output("docker", args, { env: this.env });
  }

  /** Runs a program in the engine's network, where the published ports are. */
  async inNetwork(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return output("nsenter", [`--net=/proc/${this.#daemon.pid}/ns/net`, "--", program, ...args], options);
  }
}
