import { describe, expect, it } from "vitest";
import { versionOf } from "../../cli/src/render/labels.ts";
import { CLUSTER_VALUES, FULL_VALUES, at, render } from "./support/render.ts";

describe("the version of an image, as a label says it,", () => {
  it.each([
    ["is its tag", "docker.io/nicolas/webdis:0.1.22", "0.1.22"],
    ["is not a registry's port", "registry.example:5000/team/redis:7.2", "7.2"],
    ["is not its digest", `redis:7.2@sha256:${"ab".repeat(32)}`, "7.2"],
    ["is no longer than a label's value", `redis:${"a".repeat(128)}`, "a".repeat(63)],
    ["begins and ends as a label's value", `redis:_${"a".repeat(61)}-${"b".repeat(65)}`, "a".repeat(61)],
  ])("%s", (_, image, version) => {
    expect(versionOf(image)).toBe(version);
  });
});

describe("the pods of what is deployed", () => {
  it("have a name and a version, from which Istio takes service and revision of its metrics", async () => {
    for (const values of [FULL_VALUES, CLUSTER_VALUES]) {
      const { documents, stderr } = await render(values);
      const workloads = documents.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
      expect(workloads, stderr).toHaveLength(2);
      for (const workload of workloads) {
        const labels = at(workload, "spec.template.metadata.labels") as Record<string, string>;
        expect(labels["app.kubernetes.io/name"]).toBe(at(workload, "metadata.name"));
        expect(labels["app.kubernetes.io/version"]).toMatch(/^v?\d+\.\d+/);
      }
    }
  });
});
