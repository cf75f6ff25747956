import { liveObjects } from "../apply.ts";
import { describeCluster, readResources, requireRights } from "../cluster.ts";
import type { Conversation } from "../conversation.ts";
import { Failure } from "../failure.ts";
import { supersededPlugins } from "../forms.ts";
import { Kubectl } from "../kubectl.ts";
import { nameOf } from "../manifests.ts";
import type { Options } from "../options.ts";
import { wantedPlugins } from "../plugins.ts";
import { allRun, describeStates, proxyStates } from "../rollout.ts";
import { allObjects, describeModule, wantedOf } from "../wanted.ts";
import { proxyFinder, rightsToLook } from "./deploy.ts";

/** `status`: what of the manifests the cluster has, and what each pod of the gateway runs. Changes nothing. */
export async function status(file: string, options: Options, { say }: Conversation): Promise<void> {
  const kubectl = new Kubectl(options);
  say(`cluster ${await describeCluster(kubectl)}`);
  const wanted = await wantedOf(file, options, kubectl, { isLive: true });
  const objects = allObjects(wanted);
  say(`module  ${describeModule(wanted)}`);
  const plugins = wantedPlugins(wanted.rendered);
  await requireRights(kubectl, rightsToLook(plugins, options));
  const live = new Set((await liveObjects(kubectl, objects)).map(nameOf));
  for (const object of objects) say(`  ${live.has(nameOf(object)) ? "there  " : "missing"} ${nameOf(object)}`);
  const superseded = await supersededPlugins(kubectl, wanted.rendered, await readResources(kubectl));
  for (const object of superseded)
    say(`  extra   ${nameOf(object)}: another form, or a role that the values do not have`);
  const states = await proxyStates(proxyFinder(kubectl, plugins, options), { plugins, digests: wanted.digests });
  say(describeStates(states));
  const isWhole = objects.every((object) => live.has(nameOf(object)));
  if (!isWhole || superseded.length > 0 || !allRun(states))
    throw new Failure("the gateway does not run what the values say");
  say("the gateway runs what the values say");
}
