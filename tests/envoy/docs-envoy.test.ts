import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { send } from "../../envoy-local/lib/http-client.ts";
import { LOOPBACK, freePorts } from "../../envoy-local/lib/ports.ts";
import { until } from "../../envoy-local/lib/readiness.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import type { CodeBlock } from "../fixtures/code-blocks.ts";
import { Shell, blocksOf, listens } from "./support/docs-page.ts";

const NAMES = ["9901", "10000", "7379", "6379", "8080"] as const;
const PORTS = await freePorts(NAMES.length);
const [ADMIN = 0, HTTP = 0, WEBDIS = 0, REDIS = 0, SERVICE = 0] = PORTS;
const blocks = blocksOf("envoy.md", new Map(NAMES.map((name, i) => [name, PORTS[i] ?? 0])));

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

/** Starts Envoy as the page does, for one test. */
async function startEnvoy(password = "webdis-password"): Promise<void> {
  const { code, output } = await shell.run(commands("envoy -c envoy.yaml").replace("webdis-password", password));
  onTestFinished(() => shell.stopLast());
  expect(code, output).toBe(0);
  await listens(HTTP);
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
    await startEnvoy();
    const reply = await runs("redis-cli -p");
    const shown = find(({ language }) => language === "text", "reply").text;
    for (const line of shown.trim().split("\n")) expect(reply).toContain(line);
    expect(await runs("signpost doctor --admin")).toMatch(/\nwell\n$/);
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

interface Manager {
  access_log?: object[];
  http_filters: object[];
}

interface Bootstrap {
  static_resources: {
    clusters: object[];
    listeners: { filter_chains: { filters: { typed_config: Manager }[] }[] }[];
  };
}

/** The page's envoy.yaml with another connection manager, and with the cluster of a routing service. */
function writeBootstrap(change: (manager: Manager) => void): void {
  const bootstrap = parse(file("envoy.yaml")) as Bootstrap;
  const { clusters, listeners } = bootstrap.static_resources;
  const manager = listeners[0]?.filter_chains[0]?.filters[0]?.typed_config;
  if (manager === undefined) throw new Error("envoy.yaml has no connection manager");
  change(manager);
  clusters.push(
    JSON.parse(
      JSON.stringify(clusters[0]).replaceAll("webdis", "routing").replace(`${WEBDIS}`, `${SERVICE}`),
    ) as object,
  );
  writeFileSync(join(shell.directory, "envoy.yaml"), stringify(bootstrap));
}

/** The page's filter with another configuration. */
function filterWith(filter: object | undefined, configuration: object): object {
  const text = JSON.stringify(filter);
  const { value } = (JSON.parse(text) as { typed_config: { config: { configuration: { value: string } } } })
    .typed_config.config.configuration;
  return JSON.parse(text.replace(JSON.stringify(value), () => JSON.stringify(JSON.stringify(configuration)))) as object;
}

describe("docs/envoy.md, from a Lua filter", () => {
  const lua = parse(find(({ text }) => text.startsWith("name: lua\n"), "Lua filter").text) as object;
  const accessLog = parse(find(({ text }) => text.startsWith("access_log:"), "access log").text) as Manager;
  const routes = JSON.parse(file("lua-routes.json")) as object;
  const shadow = JSON.parse(find(({ text }) => text.startsWith('{ "shadow"'), "shadow").text) as object;
  const service = createServer((request, response) => {
    const tenant = new URL(request.url ?? "/", "http://routing").searchParams.get("tenant");
    response.writeHead(tenant === "nobody" ? 404 : 200, { "content-type": "application/json" });
    response.end(tenant === "nobody" ? "{}" : '{"cell": "7"}');
  });
  const get = (path: string): ReturnType<typeof send> =>
    send({ port: HTTP, path, headers: { host: "shop.example.com" } });

  beforeAll(async () => {
    await new Promise<void>((resolve) => service.listen(SERVICE, LOOPBACK, resolve));
  });

  afterAll(async () => {
    await new Promise((resolve) => service.close(resolve));
  });

  it("both filters run, and differ in nothing", async () => {
    writeBootstrap((manager) => {
      const [signpost, router = {}] = manager.http_filters;
      manager.http_filters = [lua, filterWith(signpost, { ...routes, ...shadow }), router];
      Object.assign(manager, accessLog);
    });
    await runs("signpost check --strict envoy.yaml");
    await startEnvoy();
    for (const path of ["/api/acme", "/api/acme/orders/17?page=2"]) {
      expect((await get(path)).body.toString()).toBe("cell 7\n");
    }
    expect((await get("/api/nobody")).status).toBe(404);
    const counted = await until(AbortSignal.timeout(30_000), async () => {
      const output = await runs("stats?filter=signpost.shadow");
      return output.includes("shadow.same: 2") ? output : undefined;
    });
    expect(counted).toContain("shadow.different: 0\n");
    expect(counted).toContain("no differences");
  });

  it("replays what the access log has with what Lua made of it", async () => {
    writeFileSync(join(shell.directory, "lua-routes.json"), file("lua-routes.json"));
    const shown = find(({ text }) => text.startsWith("3 requests: "), "sum of the requests").text;
    expect(await runs("--requests requests.jsonl")).toContain(shown);
  });

  it("takes over, and the doctor names a password that Webdis refuses by what Envoy has counted", async () => {
    writeBootstrap((manager) => {
      manager.http_filters = [filterWith(manager.http_filters[0], routes), ...manager.http_filters.slice(1)];
    });
    await startEnvoy("old-password");
    expect((await get("/api/acme")).body.toString()).toBe("cell 7\n");
    const doctor = `signpost doctor --admin http://127.0.0.1:${ADMIN}`;
    const found = await until(AbortSignal.timeout(30_000), async () => {
      const { output } = await shell.run(`${doctor} || true`);
      return output.includes("tier-failing: ") ? output : undefined;
    });
    expect(found).toMatch(/tier-failing: route\.webdis: \d+ of \d+ .*; cluster webdis answered: 403 \d+\n/);
  });
});

describe("docs/envoy.md, with the filter's configuration discovered", () => {
  it("takes a new one while Envoy runs", async () => {
    const discovered = parse(
      find(({ text }) => text.startsWith("name: signpost\nconfig_discovery:"), "ECDS").text,
    ) as object;
    writeBootstrap((manager) => {
      manager.http_filters.splice(0, 1, discovered);
    });
    await startEnvoy();
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
