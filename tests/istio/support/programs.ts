import { existsSync } from "node:fs";
import { PROJECT_ROOT } from "../../../envoy-local/lib/project.ts";

/** What `tests/istio/control-plane/build.sh` builds, by the module it comes from. */
const PROGRAMS = {
  kubernetes: ["etcd", "kube-apiserver", "kubectl"],
  istio: ["pilot-discovery", "pilot-agent", "istioctl", "crane"],
} as const;

type Module = keyof typeof PROGRAMS;
export type ControlPlaneProgram = (typeof PROGRAMS)[Module][number];

/** The path of a program of the control plane; an error that says how to get it when it is not there. */
export function controlPlaneProgram(name: ControlPlaneProgram): string {
  const module = (Object.keys(PROGRAMS) as Module[]).find((each) => PROGRAMS[each].some((program) => program === name));
  return built(`${module ?? ""}/bin/${name}`);
}

/** The path of a file that comes with Istio's module. */
export function istioFile(name: "crds.yaml" | "envoy_bootstrap.json"): string {
  return built(`istio/share/${name}`);
}

function built(file: string): string {
  const path = `${PROJECT_ROOT}.cache/control-plane/${file}`;
  if (!existsSync(path)) {
    throw new Error(`no ${file} of the control plane at ${path}: build it with ./envoy-local/install.sh istio`);
  }
  return path;
}
