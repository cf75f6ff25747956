import { applyObjects, liveObjects, previewApply } from "../apply.ts";
import { type Right, describeCluster, readResources, requireRights, rightsFor } from "../cluster.ts";
import type { Conversation } from "../conversation.ts";
import { Failure } from "../failure.ts";
import { Kubectl } from "../kubectl.ts";
import type { KubernetesObject } from "../manifests.ts";
import type { Options } from "../options.ts";
import { type WantedPlugin, wantedPlugins } from "../plugins.ts";
import { type FindProxies, proxiesByAdmin, proxiesInPods } from "../proxies.ts";
import { rollBack } from "../rollback.ts";
import { allRun, describeStates, waitForProxies } from "../rollout.ts";
import { describeModule, wantedOf } from "../wanted.ts";

/** `deploy`: the manifests, shown before and applied; then waits for the gateway, and goes back where it does not follow. */
export async function deploy(file: string, options: Options, conversation: Conversation): Promise<void> {
  const { say, confirm } = conversation;
  const kubectl = new Kubectl(options);
  say(`cluster ${await describeCluster(kubectl)}`);
  const wanted = await wantedOf(file, options);
  say(`module  ${describeModule(wanted)}`);
  const plugins = wantedPlugins(wanted.objects);
  const resources = await readResources(kubectl);
  const needed = [
    ...rightsFor(wanted.objects, ["get", "create", "patch", "delete"], resources),
    ...rightsToLook(plugins, options),
  ];
  await requireRights(kubectl, needed);

  const { text } = await previewApply(kubectl, wanted.objects, { force: options.forceConflicts });
  say(text === "" ? "nothing to change" : text.trimEnd());
  if (options.dryRun) return;
  const find = proxyFinder(kubectl, plugins, options);
  const target = { plugins, sha256: wanted.digests.file };
  if (text !== "") {
    await confirm("Apply this?");
    await applyOrGoBack(kubectl, wanted.objects, options, conversation, async () => {
      const states = await waitForProxies(find, target, options.timeout);
      if (!allRun(states)) {
        throw new Failure(`after ${options.timeout / 1000} s the gateway does not run it:\n${describeStates(states)}`);
      }
    });
  }
  const states = await waitForProxies(find, target, options.timeout);
  say(describeStates(states));
  if (!allRun(states)) throw new Failure("the gateway does not run what the cluster has");
}

/** Applies objects and sees whether it worked; where it did not, makes them what they were. */
async function applyOrGoBack(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { forceConflicts, rollback }: Options,
  { say }: Conversation,
  check: () => Promise<void>,
): Promise<void> {
  const before = await liveObjects(kubectl, objects);
  try {
    const applied = await applyObjects(kubectl, objects, { force: forceConflicts });
    say(`applied ${applied.length} objects; waiting for the gateway`);
    await check();
  } catch (error) {
    if (!rollback) throw error;
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
    const { restored, deleted } = await rollBack(kubectl, before, objects, await liveObjects(kubectl, objects));
    for (const name of restored) say(`  restored ${name}`);
    for (const name of deleted) say(`  deleted  ${name}`);
    throw new Failure("rolled back: the cluster has what it had before");
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
