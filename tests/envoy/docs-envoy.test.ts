import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send } from "../../envoy-local/lib/http-client.ts";
import { freePorts } from "../../envoy-local/lib/ports.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import type { CodeBlock } from "../fixtures/code-blocks.ts";
import { Shell, blocksOf, listens } from "./support/docs-page.ts";

const NAMES = ["9901", "10000", "7379", "6379"] as const;
const [ADMIN = 0, HTTP = 0, WEBDIS = 0, REDIS = 0] = await freePorts(NAMES.length);
const blocks = blocksOf("envoy.md", new Map(NAMES.map((name, i) => [name, [ADMIN, HTTP, WEBDIS, REDIS][i] ?? 0])));

const scratch = scratchDirectory();
mkdirSync(join(scratch, "bin"));
const shell = new Shell(join(scratch, "bin"), join(scratch, "edge"));

/** The commands of the page that have this in them. */
function commands(part: string): string {
  return find((block) => block.language === "sh" && block.text.includes(part), part).text;
}

function find(is: (block: CodeBlock) => boolean, what: string): CodeBlock {
  const block = blocks.find(is);
  if (block === undefined) throw new Error(`docs/envoy.md has no ${what}`);
  return block;
}

/** A file that the page shows: the paragraph before it begins with its name. */
function file(name: string): string {
  return find(({ before }) => new RegExp(`^(?:and )?\`?${name}\`?[ ,.:]`).test(before), name).text;
}

async function runs(part: string, directory?: string): Promise<string> {
  const { code, output } = await shell.run(commands(part), directory);
  expect(code, `${part}: ${output}`).toBe(0);
  return output;
}

beforeAll(async () => {
  await runs("mkdir -p edge", scratch);
  for (const name of ["users.acl", "webdis.json", "envoy.yaml", "ecds.yaml"]) {
    writeFileSync(join(shell.directory, name), file(name));
  }
  await runs("redis-server --port");
  await Promise.all([listens(REDIS), listens(WEBDIS)]);
});

afterAll(async () => {
  await shell.stop();
  removeDirectory(scratch);
});

describe("docs/envoy.md", () => {
  it("has a configuration that is valid", async () => {
    expect(await runs("signpost check --strict envoy.yaml")).toBe("envoy.yaml: valid (Envoy bootstrap)\n");
  });

  it("sets up a gateway that routes with a record, and that the doctor finds well", async () => {
    await runs("envoy -c envoy.yaml");
    await listens(HTTP);
    const reply = await runs("redis-cli -p");
    const shown = find(({ language }) => language === "text", "reply").text;
    for (const line of shown.trim().split("\n")) expect(reply).toContain(line);
    expect(await runs("signpost doctor --admin")).toMatch(/\nwell\n$/);
    await shell.stopLast();
  });

  it("has configurations that are valid beside it", async () => {
    const others = blocks.filter(({ language, text }) => language === "json" && text.includes("lookups"));
    expect(others.length).toBeGreaterThan(0);
    for (const { text } of others) {
      writeFileSync(join(shell.directory, "other.json"), text);
      expect((await shell.run("signpost check --strict other.json")).output).toBe("other.json: valid\n");
    }
  });
});

interface Bootstrap {
  static_resources: {
    listeners: { filter_chains: { filters: { typed_config: { http_filters: object[] } }[] }[] }[];
  };
}

describe("docs/envoy.md, with the filter's configuration discovered", () => {
  it("takes a new one while Envoy runs", async () => {
    const bootstrap = parse(file("envoy.yaml")) as Bootstrap;
    const manager = bootstrap.static_resources.listeners[0]?.filter_chains[0]?.filters[0]?.typed_config;
    const discovered = parse(
      find(({ text }) => text.startsWith("name: signpost\nconfig_discovery:"), "ECDS").text,
    ) as object;
    manager?.http_filters.splice(0, 1, discovered);
    writeFileSync(join(shell.directory, "envoy.yaml"), stringify(bootstrap));
    await runs("envoy -c envoy.yaml");
    await listens(HTTP);
    const path = join(shell.directory, "ecds.yaml");
    const changed = readFileSync(path, "utf8")
      .replace('version_info: "1"', 'version_info: "2"')
      .replace('"owns": ["x-cell"]}]', '"owns": ["x-cell"]}], "debugHeader": "x-signpost"');
    writeFileSync(path, changed);
    await runs("signpost check ecds.yaml");
    await until(AbortSignal.timeout(30_000), async () => {
      const { headers } = await send({ port: HTTP, path: "/api/acme", headers: { host: "shop.example.com" } });
      return headers["x-signpost"] === undefined ? undefined : true;
    });
  });
});
