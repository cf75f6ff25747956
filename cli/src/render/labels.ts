import type { Values } from "./values/values.ts";

/**
 * Kubernetes' recommended labels.
 *
 * @param name the program
 * @param component what it is for in here
 */
export function labels(values: Values, name: string, component: string): Record<string, string> {
  return {
    ...podLabels(values, name),
    "app.kubernetes.io/component": component,
    "app.kubernetes.io/part-of": "signpost",
    "app.kubernetes.io/managed-by": "signpost-render",
  };
}

/** Those that choose pods: they can never be changed. */
export function podLabels(values: Values, name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": values.name };
}
