import { execFileSync, spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { text } from "node:stream/consumers";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { PROJECT_ROOT } from "../../../envoy-local/lib/project.ts";
import type { Completed } from "./command.ts";
import type { IstioMesh } from "./mesh.ts";
import { controlPlaneProgram } from "./programs.ts";

const ONE_LOOKUP = {
  callouts: { routing: { host: "routing.shop.svc.cluster.local", port: 8080 } },
  config: {
    lookups: [
      { name: "route", key: "route:{host}", service: { cluster: "routing", path: "/routes" }, owns: ["x-cell"] },
    ],
  },
};

/** A values file for `signpost render`, and deploy.sh for a mesh. */
export class Deploying {
  readonly #mesh: IstioMesh;
  readonly values: string;
  /** Where the modules of the node cache are, for the gateway and for the node. */
  readonly cache: string;

  /** @param values what the values file has beside the module; one lookup when not given */
  constructor(mesh: IstioMesh, values: object = ONE_LOOKUP) {
    this.#mesh = mesh;
    this.values = `${mesh.directory}/values.yaml`;
    this.cache = `${mesh.directory}/wasm`;
    const module = {
      module: { url: `oci://${mesh.registry.host}/team/signpost:1`, pullPolicy: "Always" },
      nodeCache: { sha256: "0".repeat(64), path: this.cache },
    };
    writeFileSync(this.values, JSON.stringify({ ...values, ...module }));
  }

  /** Does what a node does with the node cache's DaemonSet once it is there: runs its program with its environment. */
  async playNode(): Promise<void> {
    const daemonSet = ["daemonset", "signpost-node-cache", "signpost-node-cache"] as const;
    await this.#mesh.eventually("the node cache is there", async () => (await this.specOf(...daemonSet)) !== undefined);
    const { template } = (await this.specOf(...daemonSet)) as {
      template: { spec: { containers: { env: { name: string; value: string }[] }[] } };
    };
    const variables = template.spec.containers[0]?.env.map(({ name, value }) => [name, value] as const) ?? [];
    execFileSync(`${PROJECT_ROOT}istio/node-cache/node-cache.sh`, ["once"], {
      env: {
        ...process.env,
        PATH: `${PROJECT_ROOT}.cache/oras/bin:${process.env["PATH"] ?? ""}`,
        ...Object.fromEntries(variables),
      },
      stdio: "ignore",
    });
    const all = { desiredNumberScheduled: 1, currentNumberScheduled: 1, updatedNumberScheduled: 1 };
    const ready = { numberReady: 1, numberAvailable: 1, numberMisscheduled: 0 };
    await this.setStatus("daemonset", daemonSet[1], daemonSet[2], { observedGeneration: 99, ...all, ...ready });
  }

  /** Runs deploy.sh with the values, to its end. */
  async run(command: string, ...options: readonly string[]): Promise<Completed> {
    const admin = `http://${LOOPBACK}:${this.#mesh.gateway.port}`;
    return this.runWith(this.#mesh.kubernetes.kubeconfig, command, "--admin", admin, ...options);
  }

  /** Runs deploy.sh with another kubeconfig and looks at no Envoy but those of `options`. */
  async runWith(kubeconfig: string, command: string, ...options: readonly string[]): Promise<Completed> {
    // From where the values are, as from any directory of a user's.
    const child = spawn(`${PROJECT_ROOT}deploy.sh`, [command, basename(this.values), "--plain-http", ...options], {
      cwd: dirname(this.values),
      env: {
        ...process.env,
        KUBECONFIG: kubeconfig,
        PATH: `${dirname(controlPlaneProgram("kubectl"))}:${process.env["PATH"] ?? ""}`,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? 128));
    });
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  }

  /** The spec of an object of the gateway's namespace; undefined where there is none. */
  async specOf(kind: string, name: string, namespace = "istio-system"): Promise<Record<string, unknown> | undefined> {
    const where = ["--namespace", namespace, "--ignore-not-found", "-o", "json"];
    const printed = await this.#mesh.kubectl("get", kind, name, ...where);
    return printed === "" ? undefined : (JSON.parse(printed) as { spec: Record<string, unknown> }).spec;
  }

  /** Sets an object's status, as its controller would, which is not there. */
  async setStatus(kind: string, name: string, namespace: string, status: object): Promise<void> {
    const patch = JSON.stringify({ status });
    const how = ["--subresource=status", "--type=merge", "--patch", patch];
    await this.#mesh.kubectl("patch", kind, name, "--namespace", namespace, ...how);
  }

  /** The kubeconfig of a service account, which has no rights but those a test gives it. */
  async kubeconfigOf(account: string): Promise<string> {
    await this.#mesh.kubectl("create", "serviceaccount", account, "--namespace", "default");
    const token = (await this.#mesh.kubectl("create", "token", account, "--namespace", "default")).trim();
    return this.#writeKubeconfig(account, this.#mesh.kubernetes.apiServer.port, token);
  }

  /** A kubeconfig for an API server that is not there. */
  kubeconfigOfNobody(port: number): string {
    return this.#writeKubeconfig("nobody", port, "x");
  }

  #writeKubeconfig(name: string, port: number, token: string): string {
    const file = `${this.#mesh.directory}/kubeconfig-${name}`;
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [{ name, context: { cluster: "test", user: name } }],
      clusters: [
        { name: "test", cluster: { server: `https://${LOOPBACK}:${port}`, "insecure-skip-tls-verify": true } },
      ],
      users: [{ name, user: { token } }],
    };
    writeFileSync(file, JSON.stringify(config));
    chmodSync(file, 0o600);
    return file;
  }
}
