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

/**
 * Labels of a program's pods. Istio takes service and revision of its metrics from name and version, and `istioctl validate`
 * misses them.
 *
 * @param image as the values name it
 */
export function templateLabels(
  values: Values,
  program: { readonly name: string; readonly component: string },
  image: string,
): Record<string, string> {
  return { ...labels(values, program.name, program.component), "app.kubernetes.io/version": versionOf(image) };
}

/** How long a label's value may be. */
const LONGEST_VALUE = 63;

/** What a label can say of an image's tag, which may be longer than a label's value, and begin and end as that may not. */
export function versionOf(image: string): string {
  const tag = /:([^:/@]+)(?:@|$)/.exec(image)?.[1] ?? "";
  return tag.slice(0, LONGEST_VALUE).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
