import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import asc from "assemblyscript/asc";

const PACKAGE = path.resolve(import.meta.dirname, "..");

/** The flags the README tells users to compile with, without the names of files. */
export function documentedFlags(): string[] {
  const command = /```sh\nasc (.*)\n```/.exec(readFileSync(path.join(PACKAGE, "README.md"), "utf8"))?.[1];
  if (command === undefined) throw new Error("README.md has no asc command");
  const [, ...flags] = command.split(" ");
  return flags.filter((flag, i) => flag !== "--outFile" && flags[i - 1] !== "--outFile");
}

/** The README's example, as text. */
export function documentedExample(): string {
  const example = /```ts\n([^]*?)```/.exec(readFileSync(path.join(PACKAGE, "README.md"), "utf8"))?.[1];
  if (example === undefined) throw new Error("README.md has no example");
  return example;
}

/** Compiles a fixture filter of tests/assembly as a user would; fails on any warning. */
export async function compileFilter(name: string): Promise<Uint8Array> {
  return compile(readFileSync(path.join(PACKAGE, "tests/assembly", `${name}.ts`), "utf8"), documentedFlags());
}

/** Compiles AssemblyScript that lies, as it were, in this package; fails on any warning. */
export async function compile(source: string, flags: string[]): Promise<Uint8Array> {
  const outFile = path.join(mkdtempSync(path.join(tmpdir(), "as-proxy-wasm-sdk-")), "module.wasm");
  const entry = "tests/assembly/entry-of-test.ts";
  const { error, stderr } = await asc.main([entry, "--baseDir", PACKAGE, "--outFile", outFile, ...flags], {
    readFile: (file, baseDir) =>
      file === entry ? source : readOrNull(path.isAbsolute(file) ? file : path.join(baseDir, file)),
  });
  const said = stderr.toString();
  if (error !== null || said !== "") throw new Error(`asc: ${error?.message ?? "warnings"}\n${said}`);
  return readFileSync(outFile);
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
