import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { ROOT, type Outcome, run, temporaryDirectory } from "../cli/support/cli.ts";
import { type PushedModule, pushModule } from "./support/modules.ts";
import { useRegistry } from "./support/registry.ts";
import { stallingProxy } from "./support/stalling-proxy.ts";

/** What the script uses, which in the image of oras are all parts of busybox. */
const TOOLS = "sh chmod cut grep gzip ls mkdir mktemp mv printf rm sed sha256sum sleep tail tar".split(" ");

const SCRIPT = join(ROOT, "istio/node-cache/node-cache.sh");
const registry = useRegistry();
const tools = scratchDirectory();

beforeAll(() => {
  const busybox = execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
  for (const tool of TOOLS) symlinkSync(busybox, join(tools, tool));
  symlinkSync(join(ROOT, ".cache/oras/bin/oras"), join(tools, "oras"));
});

afterAll(() => removeDirectory(tools));

function environmentOf(cache: string, modules: readonly string[], others: Record<string, string> = {}) {
  return {
    PATH: tools,
    MODULES: modules.join("\n"),
    CACHE_DIR: cache,
    PLAIN_HTTP: "true",
    ...others,
  };
}

async function nodeCache(
  command: string,
  cache: string,
  modules: readonly string[],
  others: Record<string, string> = {},
): Promise<Outcome> {
  return run(join(tools, "sh"), [SCRIPT, command], { environment: environmentOf(cache, modules, others) });
}

function line({ sha256, pinned }: PushedModule): string {
  return `${sha256} ${pinned}`;
}

/** Makes a file of the cache older by so many minutes. */
function age(cache: string, sha256: string, minutes: number): void {
  const time = Date.now() / 1000 - minutes * 60;
  utimesSync(join(cache, `${sha256}.wasm`), time, time);
}

describe("the node cache", () => {
  it("keeps what is wanted under its digest, readable for all, and fetches it once", async () => {
    const [cache, module] = [join(temporaryDirectory(), "wasm"), await pushModule(registry.host)];
    const first = await nodeCache("once", cache, ["# the module", "", `  ${line(module)}  # wanted`]);
    expect(first.code, first.stderr).toBe(0);
    expect(readdirSync(cache)).toEqual([`${module.sha256}.wasm`]);
    const file = join(cache, `${module.sha256}.wasm`);
    expect(readFileSync(file).equals(module.bytes)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect((await nodeCache("check", cache, [line(module)])).code).toBe(0);
    const second = await nodeCache("once", cache, [line(module)]);
    expect(second).toMatchObject({ code: 0, stdout: "" });
  });

  it("refuses an image whose module has another digest, and the old file stays", async () => {
    const cache = temporaryDirectory();
    const old = await pushModule(registry.host);
    const wrong = await pushModule(registry.host);
    await nodeCache("once", cache, [line(old)]);
    const wanted = "a".repeat(64);
    const outcome = await nodeCache("once", cache, [`${wanted} ${wrong.pinned}`], { KEEP: "0" });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`its module has sha256 ${wrong.sha256}, wanted is ${wanted}`);
    expect(readdirSync(cache)).toEqual([`${old.sha256}.wasm`]);
    const check = await nodeCache("check", cache, [`${wanted} ${wrong.pinned}`]);
    expect(check).toMatchObject({ code: 1, stderr: `node-cache: missing: ${wanted}.wasm\n` });
  });

  it("refuses what a registry gives under another manifest's digest", async () => {
    const [cache, module, other] = [
      temporaryDirectory(),
      await pushModule(registry.host),
      await pushModule(registry.host),
    ];
    // The registry's own file of the manifest now has another's content.
    const blobs = join(registry.directory, "images/docker/registry/v2/blobs/sha256");
    const blob = ({ pinned }: PushedModule): string => {
      const digest = pinned.replace(/^.*sha256:/, "");
      return join(blobs, digest.slice(0, 2), digest, "data");
    };
    writeFileSync(blob(module), readFileSync(blob(other)));
    const outcome = await nodeCache("once", cache, [line(module)]);
    expect(outcome.code).toBe(1);
    expect(readdirSync(cache)).toEqual([]);
  });

  it("mends a file that has become another on the disk", async () => {
    const [cache, module] = [temporaryDirectory(), await pushModule(registry.host)];
    await nodeCache("once", cache, [line(module)]);
    const file = join(cache, `${module.sha256}.wasm`);
    writeFileSync(file, "damaged");
    expect((await nodeCache("check", cache, [line(module)])).code).toBe(1);
    expect((await nodeCache("once", cache, [line(module)])).code).toBe(0);
    expect(readFileSync(file).equals(module.bytes)).toBe(true);
  });

  it("has nothing half of a download that breaks off, and fetches it when it can be had", async () => {
    const [cache, module] = [temporaryDirectory(), await pushModule(registry.host)];
    const { host } = await stallingProxy(registry.part.port, 60_000, "reset");
    const broken = `${module.sha256} ${module.pinned.replace(registry.host, host)}`;
    const outcome = await nodeCache("once", cache, [broken]);
    expect(outcome.code).toBe(1);
    expect(readdirSync(cache)).toEqual([]);
    expect((await nodeCache("once", cache, [line(module)])).code).toBe(0);
    expect(readdirSync(cache)).toEqual([`${module.sha256}.wasm`]);
  });

  it("has nothing half where it is killed in the middle, and the next one clears up", async () => {
    const [cache, module] = [temporaryDirectory(), await pushModule(registry.host)];
    const { host, stalled } = await stallingProxy(registry.part.port, 60_000, "stall");
    const stuck = `${module.sha256} ${module.pinned.replace(registry.host, host)}`;
    const child = spawn(join(tools, "sh"), [SCRIPT, "once"], {
      env: { ...process.env, ...environmentOf(cache, [stuck]) },
      detached: true,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await stalled;
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await ended;
    expect(readdirSync(cache).filter((name) => name.endsWith(".wasm"))).toEqual([]);
    expect(readdirSync(cache).length).toBeGreaterThan(0); // what it was at
    expect((await nodeCache("once", cache, [line(module)])).code).toBe(0);
    expect(readdirSync(cache)).toEqual([`${module.sha256}.wasm`]);
  });

  it("removes what is no longer wanted but for the newest, and nothing that is not its own", async () => {
    const cache = temporaryDirectory();
    const modules = await Promise.all(
      Array.from({ length: 5 }, (_, index) => pushModule(registry.host, { tag: `v${index}` })),
    );
    const [oldest, older, old, listed, current] = modules as [
      PushedModule,
      PushedModule,
      PushedModule,
      PushedModule,
      PushedModule,
    ];
    expect((await nodeCache("once", cache, modules.map(line))).code).toBe(0);
    for (const [index, { sha256 }] of [listed, oldest, older, old, current].entries()) age(cache, sha256, 10 - index);
    writeFileSync(join(cache, "notes.txt"), "somebody's");
    const outcome = await nodeCache("once", cache, [line(current), line(listed)], { KEEP: "1" });
    expect(outcome.stdout.split("\n").filter(Boolean).sort()).toEqual(
      [oldest, older].map(({ sha256 }) => `node-cache: removed ${sha256}.wasm`).sort(),
    );
    expect(readdirSync(cache).sort()).toEqual(
      ["notes.txt", ...[old, listed, current].map(({ sha256 }) => `${sha256}.wasm`)].sort(),
    );
  });

  it("removes nothing while something wanted is missing", async () => {
    const [cache, module] = [temporaryDirectory(), await pushModule(registry.host)];
    await nodeCache("once", cache, [line(module)]);
    const missing = `${"b".repeat(64)} ${registry.host}/team/signpost@sha256:${"c".repeat(64)}`;
    const outcome = await nodeCache("once", cache, [missing], { KEEP: "0" });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("not found");
    expect(readdirSync(cache)).toEqual([`${module.sha256}.wasm`]);
  });

  it.each([
    ["a tag instead of a digest", `${"a".repeat(64)} registry.example/team/signpost:1`],
    ["a digest that is too short", `abc registry.example/team/signpost@sha256:${"c".repeat(64)}`],
    ["no reference", "a".repeat(64)],
  ])("says what is wrong with a list that has %s", async (_, bad) => {
    const outcome = await nodeCache("once", temporaryDirectory(), [bad]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`MODULES: not <sha256> <registry>/<repository>@sha256:<digest>: ${bad}`);
  });

  it("goes on trying until it has everything, and ends when told to", async () => {
    const cache = temporaryDirectory();
    const module = await pushModule(registry.host);
    await registry.part.stop();
    const child = spawn(join(tools, "sh"), [SCRIPT, "run"], {
      env: { ...process.env, ...environmentOf(cache, [line(module)], { INTERVAL: "1" }) },
      stdio: "ignore",
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await delay(1500);
    expect(existsSync(join(cache, `${module.sha256}.wasm`))).toBe(false);
    await registry.part.start();
    await expect.poll(() => existsSync(join(cache, `${module.sha256}.wasm`)), { timeout: 180_000 }).toBe(true);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });
});
