import { unusable } from "./failure.ts";
import type { Kubectl } from "./kubectl.ts";
import type { KubernetesObject } from "./manifests.ts";

/** The API server's answer is waited for this long. */
const PATIENCE = "10s";

/** What somebody may want to do with objects, in Kubernetes' words. */
export type Verb = "get" | "list" | "create" | "patch" | "delete";

/** Something that has to be allowed. */
export interface Right {
  readonly verb: Verb;
  /** API group; empty for the core's. */
  readonly group: string;
  /** Plural, as in `wasmplugins`. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

/**
 * What the cluster is, for people, as in `prod (https://10.0.0.1:6443, Kubernetes v1.33.1)`.
 *
 * @throws Failure when no cluster is configured or it does not answer
 */
export async function describeCluster(kubectl: Kubectl): Promise<string> {
  const { context, server } = await readContext(kubectl);
  const { code, stdout, stderr } = await kubectl.try(["version", "-o", "json", "--request-timeout", PATIENCE]);
  const version =
    code === 0 ? (JSON.parse(stdout) as { serverVersion?: { gitVersion: string } }).serverVersion : undefined;
  if (version === undefined) {
    throw unusable(`the cluster at ${server} (context ${context || "none"}) cannot be used: ${lastLine(stderr)}`);
  }
  return `${context || "default"} (${server}, Kubernetes ${version.gitVersion})`;
}

/** Which cluster kubectl is configured for. @throws Failure when for none */
async function readContext(kubectl: Kubectl): Promise<{ context: string; server: string }> {
  const { code, stdout, stderr } = await kubectl.try(["config", "view", "--minify", "-o", "json"]);
  const config = (code === 0 ? JSON.parse(stdout) : {}) as {
    "current-context"?: string;
    clusters?: { cluster: { server?: string } }[] | null;
  };
  const server = config.clusters?.[0]?.cluster.server;
  if (server === undefined) {
    const reason = stderr.trim() === "" ? "" : ` (${lastLine(stderr)})`;
    throw unusable(`kubectl is configured for no cluster${reason}: give --kubeconfig or --context, or set KUBECONFIG`);
  }
  return { context: config["current-context"] ?? "", server };
}

/** The resources of a cluster by the kind and the API version of their objects. */
export type Resources = ReadonlyMap<string, { readonly resource: string; readonly isNamespaced: boolean }>;

/** @throws Failure when the API server does not tell */
export async function readResources(kubectl: Kubectl): Promise<Resources> {
  // One API that is down, such as that of the metrics, makes it fail, and the others are printed.
  const { stdout, stderr } = await kubectl.try(["api-resources", "--no-headers", "--request-timeout", PATIENCE]);
  const lines = stdout.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw unusable(`the cluster does not say what it has: ${lastLine(stderr)}`);
  return new Map(
    lines.map((line) => {
      const words = line.trim().split(/\s+/);
      const [apiVersion = "", namespaced = "", kind = ""] = words.slice(-3);
      return [`${apiVersion} ${kind}`, { resource: words[0] ?? "", isNamespaced: namespaced === "true" }];
    }),
  );
}

/** The rights that verbs on objects need. @throws Failure when the cluster has no such kind */
export function rightsFor(objects: readonly KubernetesObject[], verbs: readonly Verb[], resources: Resources): Right[] {
  const rights = new Map<string, Right>();
  for (const { apiVersion, kind, metadata } of objects) {
    const found = resources.get(`${apiVersion} ${kind}`);
    if (found === undefined) {
      const hint = apiVersion.includes("istio.io") ? ": is Istio (its CRDs) installed there, and new enough?" : "";
      throw unusable(`the cluster has no ${kind} of ${apiVersion}${hint}`);
    }
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const namespace = found.isNamespaced ? { namespace: metadata.namespace ?? "default" } : {};
    for (const verb of verbs) {
      const right: Right = { verb, group, resource: found.resource, ...namespace };
      rights.set(describeRight(right), right);
    }
  }
  return [...rights.values()];
}

/** @throws Failure that lists the rights the user lacks */
export async function requireRights(kubectl: Kubectl, rights: readonly Right[]): Promise<void> {
  if (rights.length === 0) return;
  const reviews = rights.map(({ verb, group, resource, subresource, namespace }) => ({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
  }));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: reviews });
  // One line for each, in this order.
  const answers = await kubectl.run(["create", "-f", "-", "-o", 'jsonpath={.status.allowed}{"\\n"}'], list);
  const isAllowed = answers.split("\n").map((answer) => answer === "true");
  const lacking = rights.filter((_, index) => isAllowed[index] !== true);
  if (lacking.length > 0) {
    throw unusable(
      `not allowed to this user (kubectl auth can-i says no):\n${lacking.map((right) => `  ${describeRight(right)}`).join("\n")}`,
    );
  }
}

/** As in `patch wasmplugins.extensions.istio.io in istio-system`. */
function describeRight({ verb, group, resource, subresource, namespace }: Right): string {
  const name = `${resource}${group === "" ? "" : `.${group}`}${subresource === undefined ? "" : `/${subresource}`}`;
  return `${verb} ${name}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

/** kubectl's last line says what is wrong; those before it are of its attempts. */
function lastLine(text: string): string {
  return text
    .trim()
    .replace(/^[^]*\n/, "")
    .replace(/^(?:error|Error from server): /i, "");
}
