import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, scratchDirectory } from "../../envoy-local/lib/scratch.ts";
import { run } from "./support/command.ts";
import { Consumer } from "./support/consumer.ts";
import { NEWEST_COMPILER, NODE_MAJORS, OLDEST_COMPILER, PACKAGES, ROOT } from "./support/parts.ts";
import { Registry, packOwn } from "./support/registry.ts";

const scratch = scratchDirectory();
const registries: Registry[] = [];
let withNpm: Consumer;
let withPnpm: Consumer;
let withOldest: Consumer;

beforeAll(async () => {
  const own = await packOwn(join(scratch, "tarballs"));
  const newest = await Registry.start(own, NEWEST_COMPILER);
  const oldest = await Registry.start(own, OLDEST_COMPILER);
  registries.push(newest, oldest);
  withNpm = new Consumer({ scratch, manager: "npm", node: 20, registry: newest.url });
  withPnpm = new Consumer({ scratch, manager: "pnpm", node: 24, registry: newest.url });
  withOldest = new Consumer({ scratch, manager: "npm", node: 22, registry: oldest.url });
});

afterAll(() => {
  for (const registry of registries) registry.stop();
  removeDirectory(scratch);
});

describe("each tarball", () => {
  it.each(PACKAGES)("%s has its licence, its README and what a registry shows", async (name) => {
    const files = await run(`tar -tf ${name}-*.tgz`, { directory: join(scratch, "tarballs") });
    expect(files.split("\n")).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md"]));
    expect(files).not.toContain("/tests/");
    const manifest = JSON.parse(readFileSync(join(ROOT, "packages", name, "package.json"), "utf8")) as object;
    expect(manifest).toMatchObject({
      description: expect.any(String) as string,
      keywords: expect.any(Array) as string[],
      license: "Apache-2.0",
      author: expect.any(String) as string,
      engines: { node: ">=20.19" },
      sideEffects: false,
    });
  });
});

// Each README is followed once, and several at the same time; what comes after it waits for it.
describe.concurrent("what a README says works as it stands, in an empty folder", () => {
  async function follow(consumer: Consumer, name: string): Promise<void> {
    await consumer.follow(name);
    expect(existsSync(join(consumer.folder(name), "node_modules", name, "package.json"))).toBe(true);
  }

  it.each(PACKAGES)("that of %s, with npm and Node.js 20", async (name) => follow(withNpm, name));
  it.each(PACKAGES)("that of %s, with pnpm and Node.js 24", async (name) => follow(withPnpm, name));
  it.each(["as-strict-json", "as-proxy-wasm-sdk"])("that of %s, with the oldest AssemblyScript", async (name) =>
    follow(withOldest, name),
  );

  it("and the oldest AssemblyScript refuses a number for bytes, too", async () => {
    const name = "as-proxy-wasm-sdk";
    await withOldest.follow(name);
    const file = join(withOldest.folder(name), "hello.ts");
    const wrong = readFileSync(file, "utf8").replace("getHeader(HeaderMap.RequestHeaders, PATH)", "86400");
    writeFileSync(join(withOldest.folder(name), "wrong.ts"), wrong);
    const compiling = withOldest.run(name, "npx asc wrong.ts --outFile wrong.wasm");
    await expect(compiling).rejects.toThrow("bytes (a Slice) and a number do not become each other");
  });
});

describe.concurrent("what was installed", () => {
  const consumers = { npm: () => withNpm, pnpm: () => withPnpm };
  const managers = ["npm", "pnpm"] as const;
  const NAME = "proxy-wasm-host";

  describe.each(managers)("with %s", (manager) => {
    it.each(NODE_MAJORS)("can be imported under plain Node.js %d, where the README's test passes", async (major) => {
      const consumer = consumers[manager]();
      await consumer.follow(NAME);
      const modules = [NAME, "as-bytes/transform.js", "as-proxy-wasm-sdk/transform.js"];
      const program = `for (const name of ${JSON.stringify(modules)}) console.log(Object.keys(await import(name)).sort().join());`;
      const file = `imports-${major}.js`;
      writeFileSync(join(consumer.folder(NAME), file), program);
      const printed = await consumer.run(NAME, `node --version; node ${file}; node --test filter.test.js`, major);
      expect(printed).toContain(`v${major}.`);
      expect(printed).toContain(
        "EnvoyCrash,Errno,HeaderMap,LOG_LEVELS,ProxyHost,Status\ndefault,makeSliceAType\ndefault\n",
      );
    });
  });

  // One way of resolving each: there is one set of declarations.
  it.each([
    { manager: "npm", module: "NodeNext", moduleResolution: "NodeNext" },
    { manager: "pnpm", module: "ESNext", moduleResolution: "Bundler" },
  ] as const)("with $manager has types that a strict compiler finds and takes, as $moduleResolution", async (how) => {
    const { manager, ...resolution } = how;
    const consumer = consumers[manager]();
    await consumer.follow(NAME);
    const options = { strict: true, noEmit: true, target: "ES2022", lib: ["ES2022", "DOM"], types: [], ...resolution };
    const project = { compilerOptions: { ...options, skipLibCheck: false }, files: ["types.ts"] };
    writeFileSync(join(consumer.folder(NAME), "types.ts"), TYPED_PROGRAM);
    writeFileSync(join(consumer.folder(NAME), "tsconfig.json"), JSON.stringify(project));
    await consumer.run(NAME, `node ${ROOT}/node_modules/typescript/bin/tsc --project .`);
  });
});

const TYPED_PROGRAM = `
import { EnvoyCrash, ProxyHost, Status, type HttpCall, type Stream } from "proxy-wasm-host";
export async function first(): Promise<HttpCall | undefined> {
  const proxy: ProxyHost = await ProxyHost.create({ module: new Uint8Array(), clusters: ["backend"] });
  const stream: Stream = proxy.addPlugin({ rootId: "", configuration: "" }).openStream();
  const status: number = stream.respond({ status: Status.Ok }).response?.status ?? 0;
  // @ts-expect-error there is no such option
  await ProxyHost.create({ modul: "" });
  return status === 0 || new EnvoyCrash("") instanceof Error ? proxy.calls[0] : undefined;
}
`;
