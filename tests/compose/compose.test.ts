import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { digestOfFile } from "../../deploy/module.ts";
import { FILTER_WASM, HARNESS_ROOT, PROJECT_ROOT } from "../../envoy-local/lib/project.ts";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { output, run } from "../istio/support/command.ts";
import { DockerEngine } from "./support/docker-engine.ts";
import { imagesOf, packageManifests, standIns } from "./support/public-images.ts";
import { buildStandIn } from "./support/stand-in.ts";

const MINUTE = 60_000;
const FILE = `${HARNESS_ROOT}docker-compose.yaml`;

const directory = scratchDirectory();
const engine = new DockerEngine(directory);
let composeCommand: readonly string[] = [];

beforeAll(async () => {
  await engine.start();
  const isPlugin = (await run("docker", ["compose", "version"], { env: engine.env })).code === 0;
  composeCommand = isPlugin ? ["docker", "compose"] : ["docker-compose"];
});

afterAll(async () => {
  await engine.stop();
  removeDirectory(directory);
});

/** Runs Compose with the file, and gives what it printed. */
async function compose(...args: readonly string[]): Promise<string> {
  const [program = "", ...first] = composeCommand;
  const files = ["--project-name", "signpost", "--file", FILE, "--file", `${directory}/override.json`];
  return output(program, [...first, ...files, ...args], { env: engine.env, timeout: 6 * MINUTE });
}

/** Fills a cache with the npm packages, as the engine's network leads nowhere, and says so to the service that installs them. */
async function bringPackages(): Promise<void> {
  const project = `${directory}/project`;
  const cache = `${directory}/npm-cache`;
  for (const manifest of packageManifests()) cpSync(`${PROJECT_ROOT}${manifest}`, `${project}/${manifest}`);
  const install = ["ci", "--prefix", project, "--cache", cache, "--ignore-scripts", "--no-audit", "--no-fund"];
  await output("npm", install, { timeout: 4 * MINUTE });
  const registry = (await output("npm", ["config", "get", "registry"])).trim();
  const environment = { npm_config_cache: "/npm-cache", npm_config_offline: "true", npm_config_registry: registry };
  const override = { services: { build: { environment, volumes: [`${cache}:/npm-cache`] } } };
  writeFileSync(`${directory}/override.json`, JSON.stringify(override)); // JSON is YAML
}

describe("docker-compose.yaml on a Docker engine", () => {
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await compose("logs", "--no-color", "--tail", "40"));
  });

  it("has an image of real programs for each of its own", { timeout: 5 * MINUTE }, async () => {
    const all = standIns(directory);
    expect(all.map(({ image }) => image).sort()).toEqual(imagesOf(FILE));
    for (const [index, standIn] of all.entries()) {
      const context = `${directory}/image-${index}`;
      mkdirSync(context);
      await buildStandIn(engine, context, standIn);
    }
  });

  it("builds the filter, starts all parts, and answers the tour", { timeout: 12 * MINUTE }, async () => {
    await bringPackages();
    await compose("up", "--detach");
    const tour = await engine.inNetwork(process.execPath, [
      ...["--import", import.meta.resolve("tsx")],
      `${PROJECT_ROOT}tests/compose/support/take-tour.ts`,
    ]);
    expect(tour).toContain("the routing service was asked");
  });

  it("leaves nothing running", { timeout: 3 * MINUTE }, async () => {
    await compose("down", "--volumes", "--timeout", "2");
    expect(await engine.docker("ps", "--all", "--quiet")).toBe("");
  });
});

describe("./build.sh image-docker", () => {
  it("makes an image with the very module", { timeout: 5 * MINUTE }, async () => {
    const printed = await output(`${PROJECT_ROOT}build.sh`, ["image-docker"], { env: engine.env });
    const tag = /^(signpost:\S+) is in the store of docker$/m.exec(printed)?.[1] ?? "";
    const container = (await engine.docker("create", tag, "never-run")).trim();
    await engine.docker("cp", `${container}:/plugin.wasm`, `${directory}/plugin.wasm`);
    expect(digestOfFile(`${directory}/plugin.wasm`)).toBe(digestOfFile(FILTER_WASM));
  });
});
