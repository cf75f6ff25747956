import { applyObjects, deleteObjects, liveObjects, previewApply } from "../apply.ts";
import { type Resources, type Right, describeCluster, readResources, requireRights, rightsFor } from "../cluster.ts";
import type { Conversation } from "../conversation.ts";
import { Failure } from "../failure.ts";
import { describeForeign, describeRemoval, foreignFields, removeForeign } from "../foreign-fields.ts";
import { allPluginNames, pluginObjects, requireSamePlugins, supersededPlugins } from "../forms.ts";
import { Kubectl } from "../kubectl.ts";
import { type KubernetesObject, nameOf } from "../manifests.ts";
import { isDaemonSet, liveNodeCache } from "../node-cache.ts";
import type { Options } from "../options.ts";
import { type WantedPlugin, wantedPlugins } from "../plugins.ts";
import { type FindProxies, proxiesByAdmin, proxiesInPods } from "../proxies.ts";
import { rollBack } from "../rollback.ts";
import { allRun, describeStates, waitForProxies } from "../rollout.ts";
import { type Wanted, allObjects, describeModule, wantedOf } from "../wanted.ts";

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
  const others = rightsFor(allPluginNames(wanted.rendered, resources), ["get", "create", "patch", "delete"], resources);
  await requireRights(kubectl, [...needed, ...others, ...rightsToLook(plugins, options)]);
  const superseded = await supersededObjects(kubectl, wanted, resources);
  requireSamePlugins(superseded, wanted.rendered, wanted.digests);
  const foreign = await foreignFields(kubectl, pluginObjects(wanted.rendered));
  if (foreign.length > 0 && !options.forceConflicts) throw new Failure(describeForeign(foreign));

  const { text } = await previewApply(kubectl, objects, { force: options.forceConflicts });
  const isDone = text === "" && superseded.length === 0 && foreign.length === 0;
  say(isDone ? "nothing to change" : [text.trimEnd(), ...foreign.map(describeRemoval)].filter(Boolean).join("\n"));
  for (const object of superseded) say(`delete ${nameOf(object)}, once the gateway runs the rest`);
  if (options.dryRun) return;
  const find = proxyFinder(kubectl, plugins, options);
  const follow = async (gone: readonly WantedPlugin[]): Promise<void> => {
    const states = await waitForProxies(find, { plugins, gone, digests: wanted.digests }, options.timeout);
    if (!allRun(states)) {
      throw new Failure(`after ${options.timeout / 1000} s the gateway does not run it:\n${describeStates(states)}`);
    }
    say(`the gateway runs it:\n${describeStates(states)}`);
  };
  if (isDone) {
    await follow([]);
    return;
  }
  await confirm("Apply this?");
  await orGoBack(kubectl, objects, superseded, options, conversation, async () => {
    await removeForeign(kubectl, foreign);
    for (const part of [wanted.nodeCache, wanted.rendered]) {
      if (part.length === 0) continue;
      await applyObjects(kubectl, part, { force: options.forceConflicts });
      say(`applied ${part.length} objects`);
      await waitForDaemonSets(kubectl, part, options);
    }
    await follow([]);
    if (superseded.length === 0) return;
    await deleteObjects(kubectl, superseded);
    for (const object of superseded) say(`deleted ${nameOf(object)}`);
    await follow(wantedPlugins(superseded));
  });
}

/** What the cluster has of other forms: their plugins, and the node cache where none of the wanted ones needs it. */
async function supersededObjects(kubectl: Kubectl, wanted: Wanted, resources: Resources): Promise<KubernetesObject[]> {
  const plugins = await supersededPlugins(kubectl, wanted.rendered, resources);
  const isLeavingNodeCache = wanted.nodeCache.length === 0 && plugins.some(({ kind }) => kind === "EnvoyFilter");
  return isLeavingNodeCache ? [...plugins, ...(await liveNodeCache(kubectl))] : plugins;
}

/** Changes objects, and makes them what they were where that fails. */
async function orGoBack(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  superseded: readonly KubernetesObject[],
  { rollback }: Options,
  { say }: Conversation,
  change: () => Promise<void>,
): Promise<void> {
  const all = [...objects, ...superseded];
  const before = await liveObjects(kubectl, all);
  try {
    await change();
  } catch (error) {
    if (!rollback) throw error;
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
    const { restored, deleted } = await rollBack(kubectl, before, all, await liveObjects(kubectl, all));
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
