import { liveObjects } from "../apply.ts";
import { describeCluster, readResources, requireRights, rightsFor } from "../cluster.ts";
import type { Conversation } from "../conversation.ts";
import { Kubectl } from "../kubectl.ts";
import { asList, nameOf } from "../manifests.ts";
import type { Options } from "../options.ts";
import { allObjects, wantedOf } from "../wanted.ts";

/** `remove`: deletes what the manifests name, the filter first. Namespaces stay, with what others put there. */
export async function remove(file: string, options: Options, { say, confirm }: Conversation): Promise<void> {
  const kubectl = new Kubectl(options);
  say(`cluster ${await describeCluster(kubectl)}`);
  const objects = allObjects(await wantedOf(file, options, kubectl, { isLive: true }));
  const deletable = objects.filter(({ kind }) => kind !== "Namespace").reverse();
  const resources = await readResources(kubectl);
  await requireRights(kubectl, rightsFor(deletable, ["get", "delete"], resources));
  const names = new Set((await liveObjects(kubectl, deletable)).map(nameOf));
  const present = deletable.filter((object) => names.has(nameOf(object)));
  if (present.length === 0) {
    say("nothing to remove");
    return;
  }
  for (const object of present) say(`delete ${nameOf(object)}`);
  for (const { metadata } of objects.filter(({ kind }) => kind === "Namespace"))
    say(`keep   Namespace ${metadata.name}`);
  if (options.dryRun) return;
  await confirm("Delete these?");
  await kubectl.run(["delete", "--ignore-not-found", "-f", "-"], asList(present));
  say(`deleted ${present.length} objects`);
}
