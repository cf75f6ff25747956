import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { Part } from "../../../envoy-local/lib/part.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { output, run, type CommandOptions, type Completed } from "./command.ts";
import { controlPlaneProgram } from "./programs.ts";

/** A Kubernetes object as its manifest has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/**
 * The Kubernetes API: etcd and kube-apiserver, without anything that would act on what they hold. So a Deployment can be
 * applied and read, and no pod comes of it.
 */
export class KubernetesApi {
  readonly etcd: Part;
  readonly apiServer: Part;
  readonly #directory: string;
  readonly #token = randomBytes(16).toString("hex");

  constructor(directory: string) {
    this.#directory = directory;
    this.etcd = etcdPart(directory);
    this.apiServer = this.#apiServerPart();
  }

  /** Path of the kubeconfig of a user who may do everything. */
  get kubeconfig(): string {
    return `${this.#directory}/kubeconfig`;
  }

  async start(): Promise<void> {
    await this.etcd.start();
    await this.apiServer.start();
    writeFileSync(this.kubeconfig, JSON.stringify(kubeconfig(this.apiServer.port, this.#token)), { mode: 0o600 });
  }

  /** Runs kubectl, which has to succeed, and gives what it printed. */
  async kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return output(controlPlaneProgram("kubectl"), this.#kubectlArguments(args), options);
  }

  /** Runs kubectl, whatever comes of it. */
  async tryKubectl(args: readonly string[], options: CommandOptions = {}): Promise<Completed> {
    return run(controlPlaneProgram("kubectl"), this.#kubectlArguments(args), options);
  }

  /** Creates objects, or makes them what the manifests say. */
  async apply(manifests: readonly Manifest[]): Promise<void> {
    await this.kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], { input: asList(manifests) });
  }

  /** Deletes objects and waits until they are gone; those that are not there are none. */
  async remove(manifests: readonly Manifest[]): Promise<void> {
    await this.kubectl(["delete", "--ignore-not-found", "-f", "-"], { input: asList(manifests) });
  }

  /**
   * Has the API server judge manifests without keeping them: schemas, unknown fields, the CRDs' own rules.
   *
   * @param source a file, a folder of manifests, or with `kustomize` a kustomization
   * @returns what is wrong, line by line; warnings, such as for a deprecated version, too
   */
  async dryRun(source: string, { kustomize = false } = {}): Promise<string[]> {
    const files = kustomize ? ["-k", source] : ["-R", "-f", source];
    // The namespaces of the manifests are not there yet when nothing is kept.
    const args = ["apply", "--server-side", "--dry-run=server", "--validate=strict", ...files];
    const { code, stderr } = await this.tryKubectl(args);
    const problems = stderr.split("\n").filter((line) => line.trim() !== "");
    return code !== 0 && problems.length === 0 ? [`kubectl ended with exit code ${code}`] : problems;
  }

  #kubectlArguments(args: readonly string[]): string[] {
    // What it learns of this API server is not for another one that gets the same port.
    return ["--kubeconfig", this.kubeconfig, "--cache-dir", `${this.#directory}/kubectl-cache`, ...args];
  }

  #apiServerPart(): Part {
    const directory = this.#directory;
    return new Part({
      name: "kube-apiserver",
      directory,
      findsPort: false,
      program: (port) => {
        const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
        writeFileSync(`${directory}/service-account.key`, privateKey.export({ type: "pkcs1", format: "pem" }), {
          mode: 0o600,
        });
        writeFileSync(`${directory}/tokens.csv`, `${this.#token},admin,admin,system:masters\n`, { mode: 0o600 });
        return {
          command: controlPlaneProgram("kube-apiserver"),
          args: [
            `--etcd-servers=http://${LOOPBACK}:${this.etcd.port}`,
            ...[`--bind-address=${LOOPBACK}`, `--secure-port=${port}`, `--cert-dir=${directory}/api-server`],
            // It refuses to advertise a loopback address; with no reconciler nobody is told of this one (RFC 5737).
            ...["--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none"],
            `--service-account-key-file=${directory}/service-account.key`,
            `--service-account-signing-key-file=${directory}/service-account.key`,
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            ...[`--token-auth-file=${directory}/tokens.csv`, "--authorization-mode=RBAC"],
            // Nobody here makes the service accounts it would insist on.
            "--disable-admission-plugins=ServiceAccount",
          ],
        };
      },
      ready: ({ port, signal }) => until(signal, async () => ((await isReady(port, this.#token)) ? port : undefined)),
    });
  }
}

/** An etcd; the API server is the only one that asks it. */
function etcdPart(directory: string): Part {
  // It has no other members to listen for, and insists on listening: on any free port.
  const peer = `http://${LOOPBACK}:0`;
  return new Part({
    name: "etcd",
    directory,
    findsPort: false,
    program: (port) => {
      const client = `http://${LOOPBACK}:${port}`;
      return {
        command: controlPlaneProgram("etcd"),
        args: [
          ...["--data-dir", `${directory}/etcd`, "--log-level", "warn", "--unsafe-no-fsync"],
          ...["--listen-client-urls", client, "--advertise-client-urls", client],
          ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
          ...["--initial-cluster", `default=${peer}`],
        ],
      };
    },
    ready: ({ port, signal }) =>
      until(signal, async () => {
        const { ok } = await fetch(`http://${LOOPBACK}:${port}/readyz`, { signal });
        return ok ? port : undefined;
      }),
  });
}

function kubeconfig(port: number, token: string): object {
  const cluster = { server: `https://${LOOPBACK}:${port}`, "insecure-skip-tls-verify": true };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  };
}

/** Whether the API server on `port` says of itself that it is ready. */
async function isReady(port: number, token: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    // Its certificate is one it made itself.
    request({ host: LOOPBACK, port, path: "/readyz", headers, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .once("error", reject)
      .end();
  });
}

/** Several objects as one document for kubectl. */
function asList(manifests: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests });
}
