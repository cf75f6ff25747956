import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const ASSEMBLY = join(ROOT, "assembly");

/** Which folders of assembly/ a folder may import from: each only from those that decide less than it does. */
const MAY_IMPORT: Record<string, string[]> = {
  text: [],
  webdis: ["text"],
  store: ["text"],
  request: ["text"],
  config: ["text", "request"],
  route: ["text"],
  telemetry: [],
  waiting: [],
  tier: ["text", "webdis", "config", "route", "telemetry"],
  cache: ["text", "store", "request", "config", "tier", "telemetry", "waiting"],
  lookup: ["text", "webdis", "store", "request", "config", "route", "tier", "telemetry", "waiting"],
  filter: ["text", "webdis", "store", "request", "config", "route", "tier", "telemetry", "lookup", "cache"],
};

interface Import {
  file: string;
  folder: string;
  from: string;
}

function sourcesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(directory, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const folder = relative(ASSEMBLY, file).split("/")[0] ?? "";
  return [...text.matchAll(/from\s+"([^"]+)"/g)].map((match) => ({
    file: relative(ROOT, file),
    folder,
    from: match[1] ?? "",
  }));
}

function folderOf(entry: Import): string {
  return relative(ASSEMBLY, join(ROOT, dirname(entry.file), entry.from)).split("/")[0] ?? "";
}

const imports = sourcesUnder(ASSEMBLY)
  .flatMap(importsOf)
  .filter((entry) => entry.folder !== "index.ts");

describe("the folders of assembly/", () => {
  it("are all known to this test", () => {
    const folders = readdirSync(ASSEMBLY, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((folder) => folder.name).sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it("touch the proxy only in filter/", () => {
    const touching = imports.filter((entry) => entry.from.startsWith("as-proxy-wasm-sdk"));
    expect(touching.map((entry) => entry.folder).filter((folder) => folder !== "filter")).toEqual([]);
    expect(touching.length).toBeGreaterThan(0);
  });

  it("import only what decides less than they do", () => {
    const wrong = imports
      .filter((entry) => entry.from.startsWith("."))
      .filter((entry) => folderOf(entry) !== entry.folder && !MAY_IMPORT[entry.folder]?.includes(folderOf(entry)))
      .map((entry) => `${entry.file} imports ${entry.from}`);
    expect(wrong).toEqual([]);
  });

  it("import no package but the byte slices, the JSON reader and, in filter/, the SDK", () => {
    const packages = imports.filter((entry) => !entry.from.startsWith(".")).map((entry) => entry.from);
    expect(
      [...new Set(packages)].filter((name) => !/^(as-bytes|as-strict-json|as-proxy-wasm-sdk)\/assembly/.test(name)),
    ).toEqual([]);
  });

  it("declare no import of the host's", () => {
    const declaring = sourcesUnder(ASSEMBLY).filter((file) => readFileSync(file, "utf8").includes("@external"));
    expect(declaring).toEqual([]);
  });
});

describe("the entry point", () => {
  it("only exports callbacks and registers the root", () => {
    const lines = readFileSync(join(ASSEMBLY, "index.ts"), "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "");
    expect(lines.length).toBeLessThan(40);
  });
});
