import { applyObjects } from "./apply.ts";
import type { Kubectl } from "./kubectl.ts";
import { type KubernetesObject, asList, nameOf } from "./manifests.ts";

/** Metadata that the server writes. */
const SERVER_METADATA = ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"];

/** Annotations that controllers write, which are no part of what somebody wanted. */
const CONTROLLERS_ANNOTATION = /^deployment\.kubernetes\.io\/|^kubectl\.kubernetes\.io\/last-applied-configuration$/;

/** What a rollback has done, for people. */
export interface RolledBack {
  readonly restored: readonly string[];
  readonly deleted: readonly string[];
}

/**
 * Makes objects what they were before a change: those that were there are applied as they were, so that fields the change
 * added go, and those that were not are deleted. A namespace stays, as others may have put something there.
 *
 * @param before what there was
 * @param wanted what the change applied
 * @param live what there is now
 */
export async function rollBack(
  kubectl: Kubectl,
  before: readonly KubernetesObject[],
  wanted: readonly KubernetesObject[],
  live: readonly KubernetesObject[],
): Promise<RolledBack> {
  const liveVersions = new Map(live.map((object) => [nameOf(object), object.metadata.resourceVersion]));
  const changed = before.filter((object) => liveVersions.get(nameOf(object)) !== object.metadata.resourceVersion);
  const known = new Set(before.map(nameOf));
  const fresh = wanted.filter((object) => !known.has(nameOf(object)) && object.kind !== "Namespace").reverse();
  if (changed.length > 0) await applyObjects(kubectl, changed.map(asWanted), { force: true });
  if (fresh.length > 0) await kubectl.run(["delete", "--ignore-not-found", "--wait=false", "-f", "-"], asList(fresh));
  return { restored: changed.map(nameOf), deleted: fresh.map(nameOf) };
}

/** An object as it is, as somebody would have written it. */
export function asWanted({ metadata, ...rest }: KubernetesObject): KubernetesObject {
  const object = Object.fromEntries(Object.entries(rest).filter(([field]) => field !== "status")) as typeof rest;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([name]) => !CONTROLLERS_ANNOTATION.test(name));
  const kept = Object.entries(metadata).filter(([name]) => !SERVER_METADATA.includes(name));
  return {
    ...object,
    metadata: {
      ...(Object.fromEntries(kept) as KubernetesObject["metadata"]),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
  };
}
