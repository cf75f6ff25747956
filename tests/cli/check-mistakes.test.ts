import { describe, expect, it } from "vitest";
import { checkJson, fileWith } from "./support/cli.ts";
import {
  CONFIG,
  type Fields,
  envoyFilter,
  pluginMessage,
  stringValue,
  trafficExtension,
  typedConfig,
  wasmPlugin,
  yamlOf,
} from "./support/manifests.ts";

/** What is said of a text: `line:column path: message` each. */
async function saidOf(text: string): Promise<string[]> {
  const { files } = await checkJson([fileWith(text)]);
  return (files[0]?.diagnostics ?? []).map(
    ({ line, column, path, message, hint = "" }) => `${line ?? 0}:${column ?? 0} ${path}: ${message} ${hint}`,
  );
}

const LOOKUP = "lookups:\n  - name: route\n";

describe("a mistake in YAML's syntax is told once:", () => {
  it.each([
    ["a host pattern", `${LOOKUP}    match: {hosts: [*.example.com]}\n`, '3:21 : put it in quotes: "*.example.com"'],
    ["a pattern in a list", `${LOOKUP}    match:\n      hosts:\n        - *.example.com\n`, "5:11 : put it in quotes"],
    ["every path", `${LOOKUP}    match: {paths: [*]}\n`, '3:21 : put it in quotes: "*"'],
    [
      "two templates",
      `${LOOKUP}    apply:\n      path: {record:/cell}/{rest}\n`,
      ': put it in quotes: "{record:/cell}/{rest}"',
    ],
    [
      "a template in a flow map",
      `${LOOKUP}    apply: {path: {record:/a}/{rest}, host: x}\n`,
      'quotes: "{record:/a}/{rest}"',
    ],
    ["a template of a segment", `${LOOKUP}    key: {path[1]}\n`, 'quotes: "{path[1]}"'],
    ["a bracket that is not closed", "lookups: [\n  {name: a,\n  {name: b,\n  {name: c,\nwebdis: [\nx: {\n", ": "],
    ["tabs", "lookups:\n\t- name: route\n\t  key: a\n\t- name: b\n", "2:1 : Tabs are not allowed as indentation"],
    ["a tab among spaces", "lookups:\n  - name: a\n\t- name: b\n", "3:1 : Tabs are not allowed as indentation"],
    ["a quote that is not closed", 'webdis: {cluster: "webdis}\nlookups: [a: b]\nx: y: z\n', ": "],
    ["an alias of nothing", "webdis: *defaults\nlookups: 5\n", "1:9 : alias of an anchor that is not there: defaults"],
  ])("%s", async (_, text, message) => {
    expect(await saidOf(text)).toEqual([expect.stringContaining(message)]);
  });

  it("but names that are given twice are all told", async () => {
    expect(await saidOf("shadow: true\nshadow: false\nlookups: []\nlookups: []\n")).toHaveLength(2);
  });
});

describe("a value of the wrong shape has an example:", () => {
  const HEADERS =
    'lookups[0].apply.headers: an object is not an array as in headers: [{name: x-org, value: "{record:/org}"}]';

  it.each([
    ["a list that is a map", `${LOOKUP}    key: "a:{host}"\n    apply: {headers: {x-org: a}}\n`, HEADERS],
    [
      "a map that is a list",
      `${LOOKUP}    key: "a:{host}"\n    service: {cluster: x, path: /a, headers: [{name: a}]}\n`,
      'as in headers: {x-request-id: "{header[x-request-id]}"}',
    ],
    [
      "a list that is a text",
      `${LOOKUP}    key: "a:{host}"\n    match: {hosts: "*.example.com"}\n`,
      'as in hosts: ["*.example.com"]',
    ],
    ["lookups by name", "lookups: {route: {key: a}}\n", 'as in lookups: [{name: route, key: "route:{host}"}]'],
    ["a template that YAML takes for a map", `${LOOKUP}    key: {host}\n`, 'not a string put it in quotes: "{host}"'],
    [
      "a record's pointer that YAML takes for a map",
      `${LOOKUP}    key: "a:{host}"\n    apply: {path: {record:/path}}\n`,
      'put it in quotes: "{record:/path}"',
    ],
  ])("%s", async (_, text, message) => {
    const said = await saidOf(`webdis: {cluster: webdis}\n${text}`);
    expect(said).toContainEqual(expect.stringContaining(message));
  });
});

describe("a word that a field does not know is an error:", () => {
  const envoy = (fields: Fields): Fields =>
    envoyFilter(typedConfig(pluginMessage(stringValue(JSON.stringify(CONFIG)), fields)));

  it.each<[string, Fields, string]>([
    [
      "a typing mistake",
      wasmPlugin(CONFIG, { failStrategy: "FAIL_RELAOD" }),
      'spec.failStrategy: "FAIL_RELAOD" is not known (did you mean "FAIL_RELOAD"?)',
    ],
    [
      "Envoy's word in a WasmPlugin",
      wasmPlugin(CONFIG, { failStrategy: "FAIL_CLOSED" }),
      'is not known (did you mean "FAIL_CLOSE"?)',
    ],
    ["small letters", wasmPlugin(CONFIG, { phase: "authn" }), 'spec.phase: "authn" is not known (write AUTHN)'],
    [
      "a phase that is none",
      wasmPlugin(CONFIG, { phase: "ROUTING" }),
      "(known here: AUTHN, AUTHZ, STATS, UNSPECIFIED_PHASE)",
    ],
    ["a number", wasmPlugin(CONFIG, { phase: 1 }), "spec.phase: 1 is not known"],
    ["an image's policy", wasmPlugin(CONFIG, { imagePullPolicy: "ifNotPresent" }), "(write IfNotPresent)"],
    ["a plugin's type", wasmPlugin(CONFIG, { type: "http" }), "(write HTTP)"],
    [
      "a match's mode",
      wasmPlugin(CONFIG, { match: [{ mode: "GATEWAY" }] }),
      'spec.match[0].mode: "GATEWAY" is not known',
    ],
    [
      "a variable's source",
      wasmPlugin(CONFIG, { vmConfig: { env: [{ name: "WEBDIS_PASSWORD", valueFrom: "Host" }] } }),
      "spec.vmConfig.env[0].valueFrom: ",
    ],
    [
      "of a TrafficExtension",
      trafficExtension(CONFIG, { phase: "AUTHNN" }),
      'spec.phase: "AUTHNN" is not known (did you mean "AUTHN"?)',
    ],
    [
      "Istio's word in an EnvoyFilter",
      envoy({ failure_policy: "FAIL_CLOSE" }),
      'failure_policy: "FAIL_CLOSE" is not known (did you mean "FAIL_CLOSED"?)',
    ],
  ])("%s", async (_, manifest, message) => {
    expect(await saidOf(yamlOf(manifest))).toEqual([expect.stringContaining(message)]);
  });
});
