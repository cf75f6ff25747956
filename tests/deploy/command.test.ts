import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asWanted } from "../../deploy/rollback.ts";
import { wantedModules } from "../../deploy/node-cache.ts";
import { parseDuration } from "../../deploy/options.ts";
import { type Outcome, fileWith, run, temporaryDirectory } from "../cli/support/cli.ts";
import { pushModule } from "./support/modules.ts";
import { useRegistry } from "./support/registry.ts";

/** What deploy.sh itself needs, without kubectl. */
const TOOLS = ["bash", "cat", "dirname", "find", "flock", "git", "gzip", "mkdir", "node", "npm", "sed", "tar"];

const registry = useRegistry();

function valuesFor(url: string): string {
  const config = {
    lookups: [{ name: "route", key: "route:{host}", service: { cluster: "routing", path: "/routes" } }],
  };
  const callouts = { routing: { host: "routing.shop.svc.cluster.local", port: 8080 } };
  return fileWith(JSON.stringify({ module: { url }, callouts, config }), "values.yaml");
}

async function deploy(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  return run("./deploy.sh", args, { environment });
}

/** A PATH without kubectl. */
function pathWithoutKubectl(): string {
  const directory = temporaryDirectory();
  for (const tool of TOOLS) {
    const path = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
    symlinkSync(path, join(directory, tool));
  }
  return directory;
}

describe("deploy.sh", () => {
  it("says that kubectl is missing, and tries nothing", async () => {
    const { code, stderr } = await deploy(["deploy", valuesFor("oci://registry.example/signpost:1")], {
      PATH: pathWithoutKubectl(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain("deploy.sh: there is no kubectl in PATH: install it");
  });

  it.each([
    ["an unknown command", ["deplyo", "values.yaml"], "unknown command 'deplyo'"],
    ["no values", ["deploy"], "missing required argument 'values'"],
    ["a timeout that is none", ["deploy", "v.yaml", "--timeout", "soon"], "no duration such as 90s"],
    ["a digest that is none", ["render", "v.yaml", "--sha256", "abc"], "not 64 hexadecimal digits"],
    [
      "an unknown form",
      ["render", "v.yaml", "--form", "helm"],
      "Allowed choices are wasmplugin, trafficextension, envoyfilter",
    ],
    ["a file that is not there", ["render", "no-such.yaml"], "no-such.yaml cannot be read"],
  ])("refuses %s", async (_, args, message) => {
    const { code, stderr } = await deploy(args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it("shows its help", async () => {
    expect((await deploy(["--help"])).code).toBe(0);
  });
});

describe("deploy.sh render", () => {
  it("writes the digest of the image's manifest for oci://, as the registry has it", async () => {
    const { tagged, pinned } = await pushModule(registry.host);
    const { code, stdout, stderr } = await deploy(["render", valuesFor(`oci://${tagged}`), "--plain-http"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`  sha256: "${pinned.replace(/^.*:/, "")}"`.replaceAll('"', ""));
  });

  it("takes another image than the values'", async () => {
    const { tagged } = await pushModule(registry.host, { tag: "other" });
    const values = valuesFor("oci://registry.example/signpost:1");
    const { stdout } = await deploy(["render", values, "--plain-http", "--image", tagged]);
    expect(stdout).toContain(`url: oci://${tagged}\n`);
  });

  it("writes the file's digest that it is given for http://, and that in the name of a file", async () => {
    const sha256 = "ab".repeat(32);
    const given = await deploy(["render", valuesFor("https://modules.example/signpost.wasm"), "--sha256", sha256]);
    expect(given.stdout).toContain(`sha256: ${sha256}\n`);
    const named = await deploy(["render", valuesFor(`file:///var/lib/${sha256}.wasm`)]);
    expect(named.stdout).toContain(`sha256: ${sha256}\n`);
  });

  it("says where a module cannot be had", async () => {
    const missing = `${registry.host}/team/never-pushed:1`;
    const image = await deploy(["render", valuesFor(`oci://${missing}`), "--plain-http"]);
    expect(image).toMatchObject({ code: 1, stdout: "" });
    expect(image.stderr).toContain(`the image ${missing} cannot be had`);
    const unnamed = await deploy(["render", valuesFor("file:///var/lib/signpost.wasm")]);
    expect(unnamed.stderr).toContain("name it <sha256>.wasm");
    const set = await deploy(["render", valuesFor(`oci://${missing}`), "--set", "module.sha256=abc"]);
    expect(set.stderr).toContain("its sha256 is written by deploy.sh");
  });

  it("passes on what signpost finds wrong with the values", async () => {
    const { tagged } = await pushModule(registry.host);
    const values = fileWith("callouts: 5\n", "values.yaml");
    writeFileSync(values, `module: { url: "oci://${tagged}" }\nconfig: { lookup: [] }\n`);
    const { code, stderr } = await deploy(["render", values, "--plain-http"]);
    expect(code).toBe(2);
    expect(stderr).toContain("lookup: unknown field");
  });
});

describe("what deploy.sh decides", () => {
  const digests = { fetched: "c".repeat(64), file: "a".repeat(64) };
  const line = `${"a".repeat(64)} registry.example:5000/team/signpost@sha256:${"c".repeat(64)}`;

  it.each([
    "oci://registry.example:5000/team/signpost:1",
    "oci://registry.example:5000/team/signpost",
    `oci://registry.example:5000/team/signpost:1@sha256:${"c".repeat(64)}`,
  ])("pins %s in the node cache's list, before those it had", (url) => {
    expect(wantedModules({ url, digests, before: ["one", line, "two", "three"] })).toEqual([line, "one", "two"]);
  });

  it("restores an object as somebody wanted it, not as the server and controllers keep it", () => {
    const wanted = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "webdis", namespace: "signpost", labels: { a: "b" }, annotations: { mine: "yes" } },
      spec: { replicas: 2 },
    };
    const live = {
      ...wanted,
      metadata: {
        ...wanted.metadata,
        annotations: { mine: "yes", "deployment.kubernetes.io/revision": "3" },
        uid: "1",
        resourceVersion: "5",
        generation: 4,
        creationTimestamp: "2026-01-01T00:00:00Z",
        managedFields: [],
      },
      status: { replicas: 2 },
    };
    expect(asWanted(live)).toEqual(wanted);
  });

  it.each([
    ["90s", 90_000],
    ["2m", 120_000],
    ["500ms", 500],
    ["2", undefined],
    ["-1s", undefined],
  ])("reads the duration %s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });
});
