import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import asc from "assemblyscript/asc";

/** What a hook that compiles may take on a busy machine, in milliseconds. */
export const COMPILE_TIME = 120_000;

const PACKAGE = path.resolve(import.meta.dirname, "..");
const CACHE = path.resolve(PACKAGE, "../../.cache/sdk-fixtures");
const README = readFileSync(path.join(PACKAGE, "README.md"), "utf8");

/** The README's example, as text. */
export function documentedExample(): string {
  return found(/```ts\n([^]*?)```/.exec(README)?.[1], "README.md has an example");
}

/** The flags the README tells users to compile with, without the names of files. */
export function documentedFlags(): string[] {
  const command = found(/```sh\nnpx asc (.*)\n```/.exec(README)?.[1], "README.md has an asc command");
  return command.split(" ").filter((flag, i, all) => i > 0 && flag !== "--outFile" && all[i - 1] !== "--outFile");
}

/** Compiles a fixture filter of tests/assembly as a user would; fails on any warning. */
export async function compileFilter(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return compile(readFileSync(path.join(PACKAGE, "tests/assembly", `${name}.ts`), "utf8"), documentedFlags());
}

/**
 * Compiles AssemblyScript as if it were a file of tests/assembly; fails on any warning. What was compiled from the same
 * sources with the same flags is taken from .cache/: several test files use one fixture.
 */
export async function compile(source: string, flags: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const file = path.join(CACHE, `${digestOf(source, flags)}.wasm`);
  if (existsSync(file)) return new Uint8Array(readFileSync(file));
  const module = await compileAnew(source, flags);
  mkdirSync(CACHE, { recursive: true });
  // Another test file may be at the same: whoever comes last moves the same bytes into place.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, module);
  renameSync(unfinished, file);
  return module;
}

/** Of everything that the compiler reads. */
function digestOf(source: string, flags: string[]): string {
  const hash = createHash("sha256").update(JSON.stringify([source, flags, process.version]));
  for (const folder of [PACKAGE, path.resolve(PACKAGE, "../as-bytes")]) {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      /assembly.*\.ts$|^transform.*\.js$/.test(name),
    );
    for (const name of names.sort()) hash.update(name).update(readFileSync(path.join(folder, name)));
  }
  hash.update(readFileSync(path.resolve(PACKAGE, "../../package-lock.json")));
  return hash.digest("hex");
}

async function compileAnew(source: string, flags: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { module, said } = await runCompiler(source, flags);
  if (module === undefined || said !== "") throw new Error(`asc fails or warns:\n${said}`);
  return module;
}

/** What the compiler says about AssemblyScript that it is to refuse. */
export async function compileErrors(source: string, flags: string[]): Promise<string> {
  const { module, said } = await runCompiler(source, flags);
  if (module !== undefined) throw new Error("it compiles");
  return said;
}

async function runCompiler(
  source: string,
  flags: string[],
): Promise<{ module: Uint8Array<ArrayBuffer> | undefined; said: string }> {
  const entry = "tests/assembly/entry-of-test.ts";
  const outFile = "module.wasm";
  let module: Uint8Array<ArrayBuffer> | undefined;
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main([entry, "--baseDir", PACKAGE, "--outFile", outFile, ...flags], {
    stderr,
    readFile: (file, baseDir) => {
      // The one of the package is for its users to extend: what is compiled here is compiled with the flags given.
      if (file === "asconfig.json") return null;
      return file === entry ? source : readOrNull(path.resolve(baseDir, file));
    },
    writeFile: (file, contents) => {
      if (file === outFile && typeof contents !== "string") module = new Uint8Array(contents);
    },
  });
  return { module: error === null ? module : undefined, said: stderr.toString() };
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function found<T>(value: T | undefined, expectation: string): T {
  if (value === undefined) throw new Error(`not so: ${expectation}`);
  return value;
}
