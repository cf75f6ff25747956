import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, checkJson, fileWith, signpost, temporaryDirectory } from "./support/cli.ts";
import { CONFIG, wasmPlugin, yamlOf } from "./support/manifests.ts";

const PLUGIN = yamlOf(wasmPlugin(CONFIG));
const KUSTOMIZE = "check what it makes: kubectl kustomize DIR | signpost check -";
const TEMPLATE = `apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: {{ .Release.Name }}-signpost}
spec:
  pluginConfig:
{{ toYaml .Values.config | indent 4 }}
`;

/** Files that hold no configuration, and what is said of them. */
const OTHERS: [name: string, text: string, message: string][] = [
  ["a kustomization", "resources: [plugin.yaml]\n", `a kustomization: ${KUSTOMIZE}`],
  [
    "a kustomization with its kind",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: x.yaml}]\n",
    `a kustomization: ${KUSTOMIZE}`,
  ],
  ["a JSON patch", "- {op: replace, path: /spec/phase, value: AUTHN}\n", `a JSON patch: ${KUSTOMIZE}`],
  ["a part of a manifest", "spec: {template: {spec: {}}}\n", `a patch, or a part of a manifest: ${KUSTOMIZE}`],
  ["a patch of the plugin", yamlOf({ ...wasmPlugin({}), spec: { priority: 5 } }), `a patch: ${KUSTOMIZE}`],
  ["another manifest", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", "holds no Signpost configuration"],
  ["values of something else", "podAnnotations: {a: b}\nenv: {c: d}\n", "holds no Signpost configuration"],
  ["a chart", "apiVersion: v2\nname: gateway\nversion: 1.0.0\n", "a Helm chart's Chart.yaml"],
  ["a Helm template", TEMPLATE, "a Helm template, of which nothing is checked: render it first (helm template CHART"],
  [
    "a Helm template that is YAML",
    yamlOf(wasmPlugin({ ...CONFIG, debugHeader: "{{ .Values.header }}" })),
    "a Helm template, of which nothing is checked",
  ],
];

describe("a file that holds no configuration", () => {
  it.each(OTHERS)("is noted beside one that does: %s", async (_, text, message) => {
    const { code, files } = await checkJson(["--strict", fileWith(text), fileWith(PLUGIN)]);
    expect(files[0]?.diagnostics).toMatchObject([
      { severity: "note", message: expect.stringContaining(message) as string },
    ]);
    expect(code).toBe(0);
  });

  it.each(OTHERS)("is an error where none does: %s", async (name, text, message) => {
    const { code, files } = await checkJson([fileWith(text)]);
    expect(code).toBe(1);
    // What may be meant as a configuration is judged as one.
    const isJudged = name.startsWith("values");
    expect(files[0]?.diagnostics[0]?.message).toContain(isJudged ? "unknown field" : message);
    if (!isJudged) expect(files[0]?.diagnostics).toHaveLength(1);
  });

  it("is none that has a misspelt section", async () => {
    const { code, files } = await checkJson([fileWith("lokups: []\n"), fileWith(PLUGIN)]);
    expect(code).toBe(1);
    expect(files[0]?.diagnostics[0]?.message).toContain("unknown field");
  });

  it("is said to have nothing to check", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a.yaml"), "resources: []\n");
    writeFileSync(join(directory, "b.yaml"), PLUGIN);
    const { stdout } = await signpost(["check", "a.yaml", "b.yaml"], { directory });
    expect(stdout).toBe(
      `a.yaml:1:1: note: a kustomization: ${KUSTOMIZE}\na.yaml: nothing to check\nb.yaml: valid (WasmPlugin/signpost)\n`,
    );
  });

  it("in one file beside a plugin does no harm", async () => {
    const { files } = await checkJson(["--strict", fileWith(`podAnnotations: {a: b}\n---\n${PLUGIN}`)]);
    expect(files[0]?.diagnostics).toEqual([]);
  });
});

describe("a values file of signpost render", () => {
  const values = (config: string): string =>
    `module: {url: "oci://registry.example.com/signpost:1"}\ncallouts: {webdis: {host: webdis.signpost.svc.cluster.local, port: 7379}}\nconfig: ${config}\n`;

  it("is known, its configuration checked, and what to do first is said", async () => {
    const { code, files } = await checkJson([
      "--strict",
      fileWith(values("{webdis: {cluster: webdis}, lookups: [{name: route, key: 'route:{host}'}]}")),
    ]);
    expect(code).toBe(0);
    expect(files[0]?.diagnostics[0]?.message).toMatch(
      /^values of signpost render: .*render them first \(signpost render /,
    );
  });

  it("with a mistake in it is not valid", async () => {
    const { code, files } = await checkJson([fileWith(values("{webdis: {cluster: webdis}, lookups: 5}"))]);
    expect(code).toBe(1);
    expect(files[0]?.diagnostics.map(({ path }) => path)).toContain("config.lookups");
  });
});

describe("the tree that is shipped", () => {
  const below = (...folders: string[]): string[] =>
    folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".yaml"))
        .map((name) => join(folder, name)),
    );

  it("is valid as the help's example has it", async () => {
    const { code, stdout } = await signpost(["check", "--strict", "istio/values.yaml", ...below("istio/overlays")]);
    expect(stdout).not.toContain("not valid");
    expect(code).toBe(0);
  });

  it.each([["istio/values.yaml"], ...["istio"].map((folder) => below(folder))])("is valid: %s, …", async (...files) => {
    expect((await signpost(["check", "--strict", ...files])).code).toBe(0);
  });
});

describe("a byte order mark", () => {
  it.each([
    ["x.json", '{"lookups": 5}', 13],
    ["x.yaml", "lookups: 5\n", 10],
    ["manifest.yaml", PLUGIN, undefined],
  ])("is skipped: %s", async (name, text, column) => {
    const { files } = await checkJson([fileWith(`\ufeff${text}`, name)]);
    expect(files[0]?.diagnostics[0]?.column).toBe(column);
  });

  it("of UTF-16 is named", async () => {
    const file = join(temporaryDirectory(), "x.yaml");
    writeFileSync(file, Buffer.from("\ufefflookups: []\n", "utf16le"));
    const { code, stdout } = await signpost(["check", file]);
    expect(code).toBe(2);
    expect(stdout).toContain("cannot be read: it is UTF-16, as PowerShell's > writes it: save it as UTF-8");
  });
});
