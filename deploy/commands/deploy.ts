import { applyObjects, liveObjects, previewApply } from "../apply.ts";
import { type Right, describeCluster, readResources, requireRights, rightsFor } from "../cluster.ts";
import type { Conversation } from "../conversation.ts";
import { Failure } from "../failure.ts";
import { Kubectl } from "../kubectl.ts";
import type { KubernetesObject } from "../manifests.ts";
import { isDaemonSet } from "../node-cache.ts";
import type { Options } from "../options.ts";
import { type WantedPlugin, wantedPlugins } from "../plugins.ts";
import { type FindProxies, proxiesByAdmin, proxiesInPods } from "../proxies.ts";
import { rollBack } from "../rollback.ts";
import { allRun, describeStates, waitForProxies } from "../rollout.ts";
import { allObjects, describeModule, wantedOf } from "../wanted.ts";

/** `deploy`: the manifests, shown before and applied; then waits for the gateway, and goes back where it does not follow. */
export async function deploy(file: string, options: Options, conversation: Conversation): Promise<void> {
  const { say, confirm } = conversation;
  const kubectl = new Kubectl(options);
  say(`cluster ${await describeCluster(kubectl)}`);
  const wanted = await wantedOf(file, options, kubectl, { isLive: true });
  say(`module  ${describeModule(wanted)}`);
  const objects = allObjects(wanted);
  const plugins = wantedPlugins(wanted.rendered);
  const resources = await readResources(kubectl);
  const needed = rightsFor(objects, ["get", "create", "patch", "delete"], resources);
  await requireRights(kubectl, [...needed, ...rightsToLook(plugins, options)]);

  const { text } = await previewApply(kubectl, objects, { force: options.forceConflicts });
  say(text === "" ? "nothing to change" : text.trimEnd());
  if (options.dryRun) return;
  const find = proxyFinder(kubectl, plugins, options);
  const follow = async (): Promise<void> => {
    const states = await waitForProxies(find, { plugins, digests: wanted.digests }, options.timeout);
    if (!allRun(states)) {
      throw new Failure(`after ${options.timeout / 1000} s the gateway does not run it:\n${describeStates(states)}`);
    }
    say(`the gateway runs it:\n${describeStates(states)}`);
  };
  if (text === "") {
    await follow();
    return;
  }
  await confirm("Apply this?");
  await orGoBack(kubectl, objects, options, conversation, async () => {
    for (const part of [wanted.nodeCache, wanted.rendered]) {
      if (part.length === 0) continue;
      await applyObjects(kubectl, part, { force: options.forceConflicts });
      say(`applied ${part.length} objects`);
      await waitForDaemonSets(kubectl, part, options);
    }
    await follow();
  });
}

/** Changes objects, and makes them what they were where that fails. */
async function orGoBack(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { rollback }: Options,
  { say }: Conversation,
  change: () => Promise<void>,
): Promise<void> {
  const before = await liveObjects(kubectl, objects);
  try {
    await change();
  } catch (error) {
    if (!rollback) throw error;
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
    const { restored, deleted } = await rollBack(kubectl, before, objects, await liveObjects(kubectl, objects));
    for (const name of restored) say(`  restored ${name}`);
    for (const name of deleted) say(`  deleted  ${name}`);
    throw new Failure("rolled back: the cluster has what it had before");
  }
}

/** Waits until each node has what its node cache is to keep: its pods are ready then. */
async function waitForDaemonSets(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { timeout }: Options,
): Promise<void> {
  for (const { metadata } of objects.filter(isDaemonSet)) {
    const where = ["--namespace", metadata.namespace ?? "default", `daemonset/${metadata.name}`];
    const { code, stderr } = await kubectl.try(["rollout", "status", `--timeout=${timeout}ms`, ...where]);
    if (code !== 0) {
      throw new Failure(`not every node has the module (kubectl rollout status ${where.join(" ")}): ${stderr.trim()}`);
    }
  }
}

/** How the gateway's proxies are found. */
export function proxyFinder(kubectl: Kubectl, plugins: readonly WantedPlugin[], { admin }: Options): FindProxies {
  return admin === undefined ? proxiesInPods(kubectl, plugins) : proxiesByAdmin(admin);
}

/** What looking at the gateway's pods needs. */
export function rightsToLook(plugins: readonly WantedPlugin[], { admin }: Options): Right[] {
  if (admin !== undefined) return [];
  const pods = { group: "", resource: "pods" };
  return [...new Set(plugins.map(({ namespace }) => namespace))].flatMap((namespace): Right[] => [
    { ...pods, verb: "list", namespace },
    { ...pods, subresource: "exec", verb: "create", namespace },
  ]);
}
