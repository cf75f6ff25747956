import { applyObjects, liveObjects } from "./apply.ts";
import { type FieldPath, addedFields, pathText } from "./differences.ts";
import { FIELD_MANAGER, type Kubectl } from "./kubectl.ts";
import { type KubernetesObject, nameOf } from "./manifests.ts";

/** A field of a live object that its manifest does not have, and that applying the manifest leaves there. */
export interface ForeignField {
  readonly object: KubernetesObject;
  /** Below `spec`. */
  readonly path: FieldPath;
  /** Who set it, as the API server knows them (field managers), as in `kubectl-edit`. */
  readonly owners: readonly string[];
}

/** What others have added to the `spec` of these objects: server-side apply takes away only what it has set itself. */
export async function foreignFields(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<ForeignField[]> {
  const live = new Set((await liveObjects(kubectl, objects)).map(nameOf));
  const compared = objects.filter((object) => live.has(nameOf(object)));
  if (compared.length === 0) return [];
  const merged = new Map(
    (await applyObjects(kubectl, compared, { force: true, dryRun: true })).map((object) => [nameOf(object), object]),
  );
  return compared.flatMap((object) => {
    const outcome = merged.get(nameOf(object));
    if (outcome === undefined) return [];
    return addedFields(object["spec"], outcome["spec"]).map((path) => ({
      object,
      path,
      owners: ownersOf(outcome, path),
    }));
  });
}

/** Takes the fields away. */
export async function removeForeign(kubectl: Kubectl, fields: readonly ForeignField[]): Promise<void> {
  for (const { object, path } of fields) {
    const { name, namespace = "default" } = object.metadata;
    const patch = ["spec", ...path].reduceRight<unknown>((inner, step) => ({ [step]: inner }), null);
    const what = [object.kind.toLowerCase(), name, "--namespace", namespace];
    const how = ["--type=merge", `--field-manager=${FIELD_MANAGER}`, "--patch", JSON.stringify(patch)];
    await kubectl.run(["patch", ...what, ...how]);
  }
}

/** What is told where they may not be taken away. */
export function describeForeign(fields: readonly ForeignField[]): string {
  return (
    "others have added fields that the values do not have, so the gateway would run another configuration:\n" +
    `${fields.map((field) => `  ${describe(field)}`).join("\n")}\n` +
    "Put them into the values file, or remove them with --force-conflicts."
  );
}

/** For the list of what will be done. */
export function describeRemoval(field: ForeignField): string {
  return `remove ${describe(field)}`;
}

function describe({ object, path, owners }: ForeignField): string {
  const by = owners.length === 0 ? "" : ` (set by ${owners.join(", ")})`;
  return `${nameOf(object)}: spec.${pathText(path)}${by}`;
}

interface ManagedFields {
  readonly manager?: string;
  readonly fieldsV1?: unknown;
}

function ownersOf(object: KubernetesObject, path: FieldPath): string[] {
  const entries = (object.metadata["managedFields"] ?? []) as readonly ManagedFields[];
  const owners = entries.filter(({ manager, fieldsV1 }) => manager !== FIELD_MANAGER && hasField(fieldsV1, path));
  return [...new Set(owners.flatMap(({ manager }) => (manager === undefined ? [] : [manager])))];
}

/** Whether managed fields (`{"f:spec": {"f:pluginConfig": {…}}}`) have one of this path below `spec`. */
function hasField(fields: unknown, path: FieldPath): boolean {
  let at: unknown = fields;
  for (const step of ["spec", ...path]) {
    // A leaf stands for all that is below it.
    if (typeof at === "object" && at !== null && Object.keys(at).length === 0) return at !== fields;
    at = (at as Readonly<Record<string, unknown>> | undefined)?.[`f:${step}`];
    if (at === undefined) return false;
  }
  return true;
}
