import { describe, expect, it } from "vitest";
import {
  UnreadableConfig,
  readFileContents,
  readPluginConfigs,
  splitRefusal,
} from "../../cli/src/plugin-config/index.ts";
import {
  CONFIG,
  envoyFilter,
  pluginMessage,
  stringValue,
  typedConfig,
  wasmPlugin,
  yamlOf,
} from "./support/manifests.ts";

/** The rest of the line at the place a path of the filter's is said to be. */
function textAtPath(text: string, path: string, file = "signpost.yaml", part?: "name" | "value"): string {
  const [source] = readPluginConfigs(text, file);
  const { line, column } = source?.positionOf(path, part) ?? { line: 0, column: 0 };
  return (text.split(/\r?\n/)[line - 1] ?? "").slice(column - 1);
}

function errorsOf(text: string, file = "signpost.yaml"): string[] {
  return readFileContents(text, file).diagnostics.map(
    ({ position, message }) => `${position?.line ?? 0}:${position?.column ?? 0} ${message}`,
  );
}

const YAML = `# what routes
webdis:
  cluster: webdis # comment
lookups:
  - name: route
    match:
      headers: {"x y": a, x-plan: 'free'}
    local:
      ttl: "30s"
    owns:
      - x-cell
      - x-org
`;

describe("a path is found in YAML", () => {
  it.each([
    ["webdis.cluster", "webdis # comment"],
    ["lookups[0].name", "route"],
    ["lookups[0].local.ttl", '"30s"'],
    ["lookups[0].owns[1]", "x-org"],
    ['lookups[0].match.headers["x y"]', "a, x-plan: 'free'}"],
    ["lookups[0].match.headers.x-plan", "'free'}"],
  ])("%s: a value", (path, text) => {
    expect(textAtPath(YAML, path)).toBe(text);
  });

  it.each([
    ["webdis", "webdis:"],
    ["lookups[0]", "name: route"],
    ["lookups[0].local", "local:"],
  ])("%s: an object or list, by its name", (path, text) => {
    expect(textAtPath(YAML, path)).toBe(text);
  });

  it.each([
    ["webdis.timeout", "webdis:"],
    ["lookups[0].service.cluster", "name: route"],
    ["lookups[3].name", "lookups:"],
    ["nothing", "webdis:"],
  ])("%s: what is missing, by what should hold it", (path, text) => {
    expect(textAtPath(YAML, path)).toBe(text);
  });

  it("by its name, where the mistake is in the name", () => {
    expect(textAtPath(YAML, "lookups[0].local.ttl", "signpost.yaml", "name")).toBe('ttl: "30s"');
  });

  it("in a value that is not written, by its name", () => {
    expect(textAtPath("webdis:\nshadow: false\n", "webdis")).toBe("webdis:");
  });

  it("behind an anchor, where the value is written", () => {
    const text = "webdis: {cluster: a}\nlookups:\n- name: a\n  local: &l {ttl: 5x}\n- name: b\n  local: *l\n";
    expect(textAtPath(text, "lookups[1].local.ttl")).toBe("5x}");
  });

  it("behind a merge key, with what is given going first", () => {
    const text = "lookups:\n- &base\n  name: a\n  key: k\n- <<: *base\n  name: b\n";
    expect(readPluginConfigs(text, "x.yaml")[0]?.json).toContain('{"name":"b","key":"k"}');
    expect(textAtPath(text, "lookups[1].key")).toBe("k");
    expect(textAtPath(text, "lookups[1].name")).toBe("b");
  });

  it("with lines that end in CRLF", () => {
    expect(textAtPath(YAML.replaceAll("\n", "\r\n"), "lookups[0].owns[0]")).toBe("x-cell");
  });

  it("with characters beyond the first plane counted as one", () => {
    const [source] = readPluginConfigs("webdis: {username: 😀, cluster: x}", "x.yaml");
    expect(source?.positionOf("webdis.cluster")).toEqual({ line: 1, column: 32 });
  });
});

describe("a path is found in JSON", () => {
  it.each(["  ", "\t"])("indented by %j", (indentation) => {
    const text = JSON.stringify(CONFIG, null, indentation);
    expect(textAtPath(text, "lookups[0].key", "x.json")).toBe('"route:{host}"');
  });

  it("of a field given twice, at the second", () => {
    expect(textAtPath('{"shadow": false,\n "sh\\u0061dow": true}', "shadow", "x.json", "name")).toBe(
      '"sh\\u0061dow": true}',
    );
  });

  it.each([
    ["a literal block", (json: string, column: number) => `|\n${indent(json, column + 2)}`],
    ["a literal block with its own indentation", (json: string, column: number) => `|2-\n${indent(json, column + 6)}`],
    ["a double-quoted text", (json: string) => JSON.stringify(json)],
    ["a single-quoted text", (json: string) => `'${json.replaceAll("\n", " ")}'`],
  ])("inside of %s", (_, write) => {
    const json = JSON.stringify({ lookups: [{ name: "é", local: { ttl: "5x" } }] }, null, 2);
    const [before = "", after = ""] = yamlOf(envoyFilter(typedConfig(pluginMessage(stringValue("JSON"))))).split(
      "JSON",
    );
    const column = before.slice(before.lastIndexOf("\n") + 1).search(/\S/);
    const text = `${before}${write(json, column)}${after}`;
    const [source] = readPluginConfigs(text, "x.yaml");
    expect(JSON.parse(source?.json ?? "")).toEqual(JSON.parse(json));
    expect(textAtPath(text, "lookups[0].local.ttl")).toMatch(/^\\?"5x/);
    expect(textAtPath(text, "lookups[0].name")).toMatch(/^\\?"é/);
  });
});

function indent(text: string, spaces: number): string {
  return text.replace(/^/gm, " ".repeat(spaces));
}

describe("YAML means what it means to Kubernetes", () => {
  it.each([
    ["yes", "true"],
    ["off", "false"],
    ["010", "8"],
    ["1_000", "1000"],
    ["1.0", "1.0"],
    ["1e+06", "1e+06"],
    ["9223372036854775808", "9223372036854775808"],
    ["2001-12-14", '"2001-12-14"'],
    ["1:30", '"1:30"'],
    ["50ms", '"50ms"'],
    ["10%", '"10%"'],
    ["~", "null"],
    ['"yes"', '"yes"'],
  ])("%s is %s", (yaml, json) => {
    expect(readPluginConfigs(`shadow: ${yaml}`, "x.yaml")[0]?.json).toBe(`{"shadow":${json}}`);
  });

  it("keys are text", () => {
    expect(readPluginConfigs("lookups: {1: a, yes: b}", "x.yaml")[0]?.json).toBe('{"lookups":{"1":"a","yes":"b"}}');
  });
});

describe("what is wrong with a file as YAML", () => {
  it.each([
    ["a key given twice", "webdis: 1\nwebdis: 2\n", '2:1 "webdis" is given twice'],
    ["a key given twice in two ways", '1: a\n"1": b\n', '2:1 "1" is given twice'],
    ["an alias of nothing", "webdis: *a\n", "1:9 alias of an anchor that is not there: a"],
    ["an anchor within itself", "webdis: &a {b: *a}\n", "1:12 an anchor that holds an alias of itself"],
    ["a number that JSON does not have", "shadow: .inf\n", "1:9 .inf is no number that JSON has"],
    ["a map as a key", "? {a: b}\n: 1\n", "1:3 a map or list as a key: keys are text"],
    ["merging of what is no map", "<<: 5\n", "1:5 only maps can be merged"],
  ])("is told with its place: %s", (_, text, expected) => {
    expect(errorsOf(text)).toEqual([expected]);
  });

  it("is told for every document", () => {
    expect(errorsOf("a: [\n---\nb: {\n").map((error) => error.split(":")[0])).toEqual(["2", "4"]);
  });

  it("is thrown, with the places, for who can do nothing with it", () => {
    expect(() => readPluginConfigs("a: 1\na: 2\n", "x.yaml")).toThrow(UnreadableConfig);
    expect(() => readPluginConfigs("a: 1\na: 2\n", "x.yaml")).toThrow('x.yaml:2:1: "a" is given twice');
  });

  it("is not that aliases of aliases fill the memory", () => {
    const lines = ["a0: &a0 [xxxxxxxxxx, xxxxxxxxxx]"];
    for (let i = 1; i < 40; i++) lines.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
    expect(errorsOf(lines.join("\n"))).toEqual(["1:1 too large, with its aliases resolved"]);
  });

  it("is not that it goes deeper than the stack", () => {
    expect(errorsOf(`a: ${"[".repeat(50_000)}${"]".repeat(50_000)}`)).toContainEqual(
      expect.stringMatching(/^1:\d+ nested too deeply to be read$/),
    );
  });
});

describe("the kind of a file", () => {
  it.each([
    ["x.yaml", "webdis: {cluster: w}", '{"webdis":{"cluster":"w"}}'],
    ["x.json", '{ "webdis": {"cluster": "w"} }', '{ "webdis": {"cluster": "w"} }'],
    ["-", '{ "webdis": {"cluster": "w"} }', '{ "webdis": {"cluster": "w"} }'],
    ["-", "webdis: {cluster: w}", '{"webdis":{"cluster":"w"}}'],
    ["x.yml", "{webdis: {cluster: w}}", '{"webdis":{"cluster":"w"}}'],
  ])("is told by its name, else by its text: %s with %s", (file, text, json) => {
    expect(readPluginConfigs(text, file).map((source) => source.json)).toEqual([json]);
  });

  it("is a manifest's in JSON, too", () => {
    const text = JSON.stringify(wasmPlugin(CONFIG), null, 2);
    expect(readPluginConfigs(text, "x.json").map(({ document }) => document)).toEqual(["WasmPlugin/signpost"]);
    expect(textAtPath(text, "lookups[0].name", "x.json")).toBe('"route",');
  });
});

describe("a line of the filter's", () => {
  it.each([
    ["a.b[0].c: x: y", "a.b[0].c", "x: y"],
    ["pluginConfig: 3 more errors", "", "3 more errors"],
    ['a["b: c\\"]"].d: no', 'a["b: c\\"]"].d', "no"],
    ["nothing like it", "", "nothing like it"],
  ])("%s is a path and a problem", (line, path, problem) => {
    expect(splitRefusal(line)).toEqual({ path, problem });
  });
});
