import { type Right, describeCluster, requireRights } from "../cluster.ts";
import type { Conversation } from "../conversation.ts";
import { Failure } from "../failure.ts";
import { Kubectl } from "../kubectl.ts";
import { type KubernetesObject, itemsOf, nameOf } from "../manifests.ts";
import type { Options } from "../options.ts";
import { wantedPlugins } from "../plugins.ts";
import { wantedOf } from "../wanted.ts";

/** What brings a gateway's pods to life. */
const WORKLOADS = ["deployments", "daemonsets", "statefulsets"];

/** `restart`: the gateway's pods one after the other, and nothing else. A new module or configuration needs none. */
export async function restart(file: string, options: Options, { say, confirm }: Conversation): Promise<void> {
  const kubectl = new Kubectl(options);
  say(`cluster ${await describeCluster(kubectl)}`);
  const { rendered } = await wantedOf(file, options, kubectl, { isLive: true });
  const gateways = new Map(
    wantedPlugins(rendered).map(({ namespace, labels }) => [
      `${namespace} ${JSON.stringify(labels)}`,
      { namespace, labels },
    ]),
  );
  const namespaces = [...new Set([...gateways.values()].map(({ namespace }) => namespace))];
  await requireRights(
    kubectl,
    namespaces.flatMap((namespace) =>
      WORKLOADS.map((resource): Right => ({ verb: "list", group: "apps", resource, namespace })),
    ),
  );
  const workloads: KubernetesObject[] = [];
  for (const { namespace, labels } of gateways.values())
    workloads.push(...(await workloadsWith(kubectl, namespace, labels)));
  if (workloads.length === 0) {
    throw new Failure(`nothing to restart: no Deployment, DaemonSet or StatefulSet has pods with the gateway's labels`);
  }
  await requireRights(
    kubectl,
    workloads.map(({ kind, metadata: { namespace = "default" } }): Right => ({
      verb: "patch",
      group: "apps",
      resource: `${kind.toLowerCase()}s`,
      namespace,
    })),
  );
  for (const workload of workloads) say(`restart ${nameOf(workload)}`);
  if (options.dryRun) return;
  await confirm("Restart the pods, one after the other?");
  for (const { kind, metadata } of workloads) {
    const where = ["--namespace", metadata.namespace ?? "default", `${kind.toLowerCase()}/${metadata.name}`];
    await kubectl.run(["rollout", "restart", ...where]);
    const { code, stderr } = await kubectl.try(["rollout", "status", `--timeout=${options.timeout}ms`, ...where]);
    if (code !== 0) throw new Failure(`${kind} ${metadata.name} has not restarted: ${stderr.trim()}`);
    say(`restarted ${kind} ${metadata.name}`);
  }
}

async function workloadsWith(
  kubectl: Kubectl,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Promise<KubernetesObject[]> {
  const found = itemsOf(await kubectl.json(["get", WORKLOADS.join(","), "--namespace", namespace]));
  return found.filter((workload) => {
    const { template } = workload["spec"] as { template?: { metadata?: { labels?: Record<string, string> } } };
    return Object.entries(labels).every(([name, value]) => template?.metadata?.labels?.[name] === value);
  });
}
