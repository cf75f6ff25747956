import { deleteObjects, liveObjects } from "../apply.ts";
import { describeCluster, readResources, requireRights, rightsFor } from "../cluster.ts";
import type { Conversation } from "../conversation.ts";
import { allPluginNames } from "../forms.ts";
import { Kubectl } from "../kubectl.ts";
import { nameOf } from "../manifests.ts";
import { liveNodeCache } from "../node-cache.ts";
import type { Options } from "../options.ts";
import { allObjects, wantedOf } from "../wanted.ts";

/**
 * `remove`: deletes the filter in whichever form it is there, and then what the manifests name beside it. Namespaces stay, with
 * what others put there.
 */
export async function remove(file: string, options: Options, { say, confirm }: Conversation): Promise<void> {
  const kubectl = new Kubectl(options);
  say(`cluster ${await describeCluster(kubectl)}`);
  const wanted = await wantedOf(file, options, kubectl, { isLive: true });
  const objects = allObjects(wanted);
  const resources = await readResources(kubectl);
  const plugins = allPluginNames(wanted.rendered, resources);
  const pluginNames = new Set(plugins.map(nameOf));
  const others = objects.filter((object) => object.kind !== "Namespace" && !pluginNames.has(nameOf(object))).reverse();
  const deletable = [...plugins, ...others];
  await requireRights(kubectl, rightsFor(deletable, ["get", "delete"], resources));
  const nodeCache = wanted.nodeCache.length === 0 ? await liveNodeCache(kubectl) : [];
  const names = new Set([...(await liveObjects(kubectl, deletable)), ...nodeCache].map(nameOf));
  const present = [...deletable, ...nodeCache].filter((object) => names.has(nameOf(object)));
  if (present.length === 0) {
    say("nothing to remove");
    return;
  }
  for (const object of present) say(`delete ${nameOf(object)}`);
  for (const { metadata } of objects.filter(({ kind }) => kind === "Namespace"))
    say(`keep   Namespace ${metadata.name}`);
  if (options.dryRun) return;
  await confirm("Delete these?");
  await deleteObjects(kubectl, present);
  say(`deleted ${present.length} objects`);
}
