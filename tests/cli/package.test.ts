import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, run, temporaryDirectory } from "./support/cli.ts";

/** npm without a network, without the user's cache, and without a word but errors. */
function offline(directory: string): Record<string, string> {
  return {
    npm_config_cache: join(directory, "npm-cache"),
    npm_config_offline: "true",
    npm_config_loglevel: "error",
    npm_config_yes: "true",
  };
}

/** Packs the command line as it is built; returns the tarball. */
async function pack(directory: string): Promise<string> {
  // Without scripts: packing would build, under the feet of the other tests.
  const { code, stderr } = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", directory], {
    directory: join(ROOT, "cli"),
    environment: offline(directory),
  });
  expect(code, stderr).toBe(0);
  return join(directory, readdirSync(directory).find((name) => name.endsWith(".tgz")) ?? "missing.tgz");
}

describe("the packed command line", () => {
  it("installs without a network and without dependencies, and checks with its own module", async () => {
    const directory = temporaryDirectory();
    const environment = offline(directory);
    writeFileSync(join(directory, "package.json"), "{}");
    const installed = await run("npm", ["install", await pack(directory)], { directory, environment });
    expect(installed.code, installed.stderr).toBe(0);
    expect(readdirSync(join(directory, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["signpost"]);
    const package_ = join(directory, "node_modules/signpost/dist");
    expect(readFileSync(join(package_, "signpost.wasm"))).toEqual(readFileSync(join(ROOT, "cli/dist/signpost.wasm")));
    expect(existsSync(join(package_, "THIRD-PARTY-LICENSES"))).toBe(true);

    writeFileSync(join(directory, "f.yaml"), "lookups: 5\n");
    const outcome = await run("npx", ["signpost", "check", "f.yaml"], { directory, environment });
    expect(outcome.stdout).toContain("f.yaml:1:10: error: lookups: 5 is not an array\n");
    expect(outcome.code).toBe(1);
  });

  it("runs straight from the tarball with npx", async () => {
    const directory = temporaryDirectory();
    const tarball = await pack(directory);
    writeFileSync(join(directory, "f.yaml"), "responseCache: {}\n");
    const outcome = await run("npx", [`--package=${tarball}`, "signpost", "check", "f.yaml"], {
      directory,
      environment: offline(directory),
    });
    expect(outcome.stdout).toBe("f.yaml: valid\n");
    expect(outcome.code).toBe(0);
  });

  it("runs with npx in the checkout it was built in", async () => {
    const outcome = await run("npx", ["--no-install", "signpost", "check", "-"], { input: "responseCache: {}\n" });
    expect(outcome.stdout).toBe("-: valid\n");
  });
});
