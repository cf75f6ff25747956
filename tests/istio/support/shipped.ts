import { mkdtempSync, writeFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { PROJECT_ROOT } from "../../../envoy-local/lib/project.ts";
import { output } from "./command.ts";
import type { Manifest } from "./kubernetes-api.ts";
import { controlPlaneProgram } from "./programs.ts";

/** The shipped manifests and the values they are rendered from. */
export const SHIPPED = `${PROJECT_ROOT}istio`;
export const SHIPPED_VALUES = `${SHIPPED}/values.yaml`;

/** The overlays, one for each form in which Istio gets the filter. */
export const OVERLAYS = ["wasmplugin", "trafficextension", "envoyfilter-node-cache"] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** Runs `signpost render` as users do, into a folder. @param values a file of values */
export async function renderTree(values: string, folder: string, overrides: readonly string[] = []): Promise<void> {
  const set = overrides.flatMap((each) => ["--set", each]);
  const signpost = `${PROJECT_ROOT}cli/dist/signpost.js`;
  await output(process.execPath, [signpost, "render", values, "--out", folder, ...set]);
}

/** The objects of a kustomization, as `kubectl apply -k` would apply them. */
export async function kustomized(folder: string): Promise<Manifest[]> {
  const text = await output(controlPlaneProgram("kubectl"), ["kustomize", folder]);
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

/**
 * Writes what a kustomization comes to into a file, for tools that know no kustomizations.
 *
 * @param directory where the file is to be
 * @returns its path
 */
export async function kustomizedFile(folder: string, directory: string): Promise<string> {
  const file = `${mkdtempSync(`${directory}/kustomized-`)}/objects.yaml`;
  writeFileSync(file, await output(controlPlaneProgram("kubectl"), ["kustomize", folder]));
  return file;
}

/**
 * The pods that Kubernetes' controllers and Istio's injection would make of workloads, one each: Istio's tools look for
 * them.
 *
 * @param objects the workloads, and the namespaces they are in
 */
export function podsOf(objects: readonly Manifest[]): Manifest[] {
  return objects.filter(isWorkload).map(({ metadata: { name, namespace }, spec: { template } }) => {
    const { containers } = template.spec;
    const injected = isInjected(objects, namespace) ? [{ name: "istio-proxy", image: "istio-proxy" }] : [];
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...template.metadata, name: `${name}-0`, ...(namespace === undefined ? {} : { namespace }) },
      spec: { ...template.spec, containers: [...containers, ...injected] },
    };
  });
}

interface Workload extends Manifest {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: PodSpec } };
}

interface PodSpec extends Readonly<Record<string, unknown>> {
  readonly containers: readonly object[];
}

function isWorkload(object: Manifest): object is Workload {
  return ["Deployment", "StatefulSet", "DaemonSet"].includes(object.kind);
}

function isInjected(objects: readonly Manifest[], namespace: string | undefined): boolean {
  const found = objects.find(({ kind, metadata: { name } }) => kind === "Namespace" && name === namespace);
  const labels = found?.metadata["labels"] as Readonly<Record<string, string>> | undefined;
  return labels?.["istio-injection"] === "enabled";
}
