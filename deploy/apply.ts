import { FIELD_MANAGER, type Kubectl } from "./kubectl.ts";
import { Failure } from "./failure.ts";
import { type KubernetesObject, asList, itemsOf, nameOf } from "./manifests.ts";

/** Server-side apply merges field by field, so what others have set in the same objects stays theirs. */
const SERVER_SIDE = ["--server-side", "--field-manager", FIELD_MANAGER];

/** With who has set which field, which kubectl leaves out of its output by default: it is named where a field stands in the way. */
const APPLY = ["apply", "-o", "json", "--show-managed-fields"];

/** kubectl diff's exit code where there are differences. */
const DIFFERENT = 1;

export interface ApplyOptions {
  /** Takes fields from whoever owns them. */
  readonly force: boolean;
}

/** What applying would change. */
export interface Preview {
  /** For people; empty where nothing would change. */
  readonly text: string;
}

/** The objects of these that the cluster has, as they are. */
export async function liveObjects(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<KubernetesObject[]> {
  if (objects.length === 0) return [];
  return itemsOf(await kubectl.json(["get", "--ignore-not-found", "-f", "-"], asList(objects)));
}

/** What applying would change, as a diff. Objects of a namespace that is not there yet are named only: there is nothing to compare. */
export async function previewApply(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { force }: ApplyOptions,
): Promise<Preview> {
  const namespaces = objects.filter(({ kind }) => kind === "Namespace");
  const present = new Set((await liveObjects(kubectl, namespaces)).map(({ metadata }) => metadata.name));
  const absent = new Set(namespaces.map(({ metadata }) => metadata.name).filter((name) => !present.has(name)));
  const isNew = ({ metadata }: KubernetesObject): boolean => absent.has(metadata.namespace ?? "");
  const compared = objects.filter((object) => !isNew(object));
  const parts = objects.filter(isNew).map((object) => `+ ${nameOf(object)} (new, with its namespace)\n`);
  if (compared.length > 0) {
    const options = [...SERVER_SIDE, ...(force ? ["--force-conflicts"] : [])];
    const { code, stdout, stderr } = await kubectl.try(["diff", ...options, "-f", "-"], asList(compared));
    if (code > DIFFERENT || (code === DIFFERENT && stdout === "")) throw refused(stderr);
    parts.unshift(stdout);
  }
  return { text: parts.join("") };
}

/** Applies objects and gives them as they are then; with `dryRun` the server judges them and keeps nothing. */
export async function applyObjects(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { force, dryRun = false }: ApplyOptions & { readonly dryRun?: boolean },
): Promise<KubernetesObject[]> {
  const options = [...SERVER_SIDE, ...(force ? ["--force-conflicts"] : []), ...(dryRun ? ["--dry-run=server"] : [])];
  const { code, stdout, stderr } = await kubectl.try([...APPLY, ...options, "-f", "-"], asList(objects));
  if (code !== 0) throw refused(stderr);
  return itemsOf(JSON.parse(stdout));
}

/** Deletes objects, those that are gone already included. */
export async function deleteObjects(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<void> {
  if (objects.length > 0) await kubectl.run(["delete", "--ignore-not-found", "-f", "-"], asList(objects));
}

function refused(stderr: string): Failure {
  const hint = stderr.includes("conflict")
    ? "\nOthers own these fields; --force-conflicts takes them, and what owns them may take them back."
    : "";
  return new Failure(`the cluster refuses it: ${stderr.trim()}${hint}`);
}
