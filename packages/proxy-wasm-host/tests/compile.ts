import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const SOURCES = join(import.meta.dirname, "assembly");
const COMPILED = join(tmpdir(), "proxy-wasm-host-tests");

/** Compiling AssemblyScript takes seconds. */
export const COMPILE_TIME = 120_000;

/** The module `tests/assembly/<name>.ts`. Compiled once per state of the sources: test files run side by side. */
export async function compileFixture(name: string): Promise<Uint8Array> {
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith(".ts")).sort();
  const sources = await Promise.all(files.map((file) => readFile(join(SOURCES, file), "utf8")));
  return compileOnce(`${name}.ts`, new Map(files.map((file, index) => [file, sources[index] ?? ""])));
}

/** A module of one source, for what one line of code shows best. */
export function compileSource(source: string, { exportStart = true } = {}): Promise<Uint8Array> {
  return compileOnce("module.ts", new Map([["module.ts", source]]), exportStart);
}

async function compileOnce(
  entry: string,
  sources: ReadonlyMap<string, string>,
  exportStart = true,
): Promise<Uint8Array> {
  const hash = createHash("sha256");
  for (const part of [asc.version, entry, String(exportStart), ...[...sources].flat()]) hash.update(part).update("\0");
  const path = join(COMPILED, `${hash.digest("hex")}.wasm`);
  try {
    return await readFile(path);
  } catch {
    const wasm = await compile(entry, sources, exportStart);
    await mkdir(COMPILED, { recursive: true });
    // Renamed into place, so that nobody reads half a module.
    const unfinished = `${path}.${process.pid}`;
    await writeFile(unfinished, wasm);
    await rename(unfinished, path);
    return wasm;
  }
}

async function compile(entry: string, sources: ReadonlyMap<string, string>, exportStart: boolean): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const stderr = asc.createMemoryStream();
  // No abort: a failed assertion is an `unreachable`.
  const options = ["--outFile", "out.wasm", "--runtime", "incremental", "--use", "abort=", "--bindings", "none"];
  // As Envoy expects of a reactor.
  if (exportStart) options.push("--exportStart", "_initialize");
  const { error } = await asc.main([entry, ...options], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (name, contents) => {
      if (name === "out.wasm" && typeof contents !== "string") wasm = contents;
    },
    listFiles: () => [],
    stderr,
  });
  if (error !== null || wasm === undefined) throw new Error(`${entry} does not compile:\n${stderr.toString()}`);
  return wasm;
}
