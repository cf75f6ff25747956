import { describe, expect, it } from "vitest";
import { fileWith, signpost, temporaryDirectory } from "./support/cli.ts";
import { yamlOf } from "./support/manifests.ts";
import { FULL_VALUES, VALUES, changed, filesBelow, render } from "./support/render.ts";

/** What render has against values, without the file and the places. */
async function saidOf(values: object): Promise<string[]> {
  const { stderr } = await render(values);
  return stderr
    .split("\n")
    .slice(0, -2)
    .map((line) => line.replace(/^.*?:\d+:\d+: /, ""));
}

describe("a mistake in the values", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["an unknown field", { modul: {} }, 'modul: unknown field (did you mean "module"?)'],
    [
      "a field that is nothing like another",
      { "callouts.routing.qqqqqqq": 1 },
      "callouts.routing.qqqqqqq: unknown field (known here: host, port, subset, ",
    ],
    ["a missing section", { config: undefined }, "config: missing (the filter's configuration)"],
    ["no module", { module: undefined }, "module: missing (where the module comes from; or nodeCache, or both)"],
    ["a missing field", { "module.url": undefined }, "module.url: missing (oci://registry/image:tag, "],
    [
      "an address without a scheme",
      { "module.url": "registry.example/x:1" },
      'module.url: "registry.example/x:1" is not oci:',
    ],
    ["a digest with its algorithm", { "module.sha256": `sha256:${"0".repeat(64)}` }, "module.sha256: "],
    ["a number for a text", { name: 5 }, "name: not a string (a name of at most 40 characters such as signpost)"],
    [
      "a text for a number",
      { "callouts.routing.port": "8080" },
      'callouts.routing.port: "8080" is not a whole number from 1 to 65535',
    ],
    ["a port that is none", { "callouts.routing.port": 70_000 }, "callouts.routing.port: 70000 is not a whole number"],
    [
      "a short host",
      { "callouts.routing.host": "routing" },
      'callouts.routing.host: "routing" is not a full host name',
    ],
    ["nothing where a section should be", { nodeCache: null }, "nodeCache: null is not an object"],
    [
      "an unknown choice",
      { failStrategy: "FAIL" },
      'failStrategy: "FAIL" is none of FAIL_RELOAD, FAIL_CLOSE, FAIL_OPEN',
    ],
    ["a selector of all pods", { "gateway.selector": {} }, "gateway.selector: empty"],
    [
      "a callout that is not there",
      { "config.lookups.0.service.cluster": "rooting" },
      'config.lookups[0].service.cluster: "rooting" is none of the callouts (did you mean "routing"?)',
    ],
    [
      "a mistake in the filter's configuration",
      { "config.lookups.0.local": { ttl: "5x" } },
      'config.lookups[0].local.ttl: "5x" is not a duration (use e.g. 250ms, 1m30s)',
    ],
    [
      "an unknown field of the filter's configuration",
      { "config.lookup": [] },
      'config.lookup: unknown field (did you mean "lookups"?)',
    ],
    [
      "what the module does not have yet",
      { "config.tracing": { cluster: "routing" } },
      "config.tracing: not supported yet",
    ],
    [
      "a header that clients can send",
      { routes: { hosts: ["a.example"], header: "x-zone", to: { a: { host: "a.b", port: 1 } } } },
      "routes.header: no lookup owns x-zone, so clients could choose their route (add it to a lookup's owns)",
    ],
    [
      "a pull secret for a file",
      { module: { url: `file:///${"0".repeat(64)}.wasm`, pullSecret: "x" } },
      "module.pullSecret: only for oci://",
    ],
  ])("is told with what would be right: %s", async (_, changes, expected) => {
    const said = await saidOf(changed(VALUES, changes));
    expect(said).toContainEqual(expect.stringContaining(`error: ${expected}`));
    expect(said.filter((line) => line.startsWith("error: "))).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      "two ways to a Redis",
      { "webdis.redis": { host: "redis.example.com", port: 6379 } },
      "webdis.redis: give either redis or webdis.redis",
    ],
    ["no way to a Redis", { redis: undefined }, "webdis.redis: give either redis or webdis.redis"],
    ["a Redis that nothing reaches", { webdis: undefined }, "redis: the filter cannot reach it without webdis"],
    [
      "another Webdis than the one rendered",
      { namespace: "other" },
      "config.webdis.cluster: is webdis.edge-cache.svc.cluster.local, but the Webdis rendered here is webdis.other.svc.cluster.local",
    ],
    ["a Webdis for everybody", { "config.webdis": { cluster: "webdis" } }, "config.webdis.passwordEnv: missing"],
    [
      "a prefix with a blank",
      { "config.webdis.keyPrefix": "a b" },
      "config.webdis.keyPrefix: has characters that Redis' access lists cannot name",
    ],
    ["a user that is there", { "redis.writers.0.name": "webdis" }, "redis.writers[0].name: webdis is taken"],
    [
      "two rules for a host",
      { "callouts.webdis.host": "routing.example.com" },
      "callouts.routing.host: callouts.webdis has this host, too",
    ],
    [
      "TLS without a rule",
      { "callouts.routing.destinationRule": false },
      "callouts.routing.destinationRule: tls is said in a DestinationRule",
    ],
    ["TLS within the mesh", { "callouts.routing.external": [] }, "callouts.routing.tls: only for external services"],
  ])("in how they fit together is told: %s", async (_, changes, expected) => {
    expect(await saidOf(changed(FULL_VALUES, changes))).toContainEqual(expect.stringContaining(`error: ${expected}`));
  });

  it("has its place in the file", async () => {
    const text = yamlOf(changed(VALUES, { "config.lookups.0.owns": ["x cell"] }));
    const { code, stderr } = await signpost(["render", "-"], { input: text });
    expect(code).toBe(1);
    const [, line, column] = /^-:(\d+):(\d+): error: config\.lookups\[0\]\.owns\[0\]: /.exec(stderr) ?? [];
    expect(text.split("\n")[Number(line) - 1]?.slice(Number(column) - 1)).toBe("x cell");
  });

  it("keeps everything from being written", async () => {
    const directory = temporaryDirectory();
    const { code, stdout } = await signpost(["render", fileWith("module: {}\n"), "--out", directory]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(filesBelow(directory).size).toBe(0);
  });

  it.each([
    ["no YAML", "a: [\n", "error: "],
    ["a key given twice", "name: a\nname: b\n", 'error: "name" is given twice'],
    ["nothing", "# nothing\n", "error: empty"],
    ["several documents", "name: a\n---\nname: b\n", "error: several documents"],
    ["a list", "- a\n", "error: an array is not an object"],
  ])("can be that they are %s", async (_, input, message) => {
    const { code, stderr } = await signpost(["render", "-"], { input });
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe("a warning about the values", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["a placeholder", { "module.sha256": "0".repeat(64) }, "module.sha256: a placeholder"],
    ["no digest", { "module.sha256": undefined }, "module.url: no sha256: nothing holds the module to what was meant"],
    [
      "a file that nobody checks",
      { module: { url: "file:///opt/signpost.wasm" } },
      "module.url: Istio does not check a file's digest",
    ],
    [
      "a callout that nothing names",
      { "callouts.other": { host: "a.b", port: 1 } },
      "callouts.other: nothing in config names it",
    ],
    [
      "a password for all to read",
      { "config.webdis": { cluster: "routing", username: "a", password: "b" } },
      "config.webdis.password: stands in every manifest for all to read (use passwordEnv)",
    ],
    [
      "what the module warns of",
      { "config.lookups.0.service.path": "/r?q={query}", "config.webdis": { cluster: "routing" } },
      "config.lookups[0].service.path: ",
    ],
  ])("keeps nothing from being rendered: %s", async (_, changes, expected) => {
    const values = changed(VALUES, changes);
    expect(await saidOf(values)).toEqual([expect.stringContaining(`warning: ${expected}`)]);
    expect((await render(values)).code).toBe(0);
  });
});
