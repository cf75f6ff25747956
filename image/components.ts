import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** An npm package of which code is in the module. */
export interface Component {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  /** Whether it is had from npm; else it is one of this repository's own. */
  readonly isPublished: boolean;
  /** The packages it imports itself, by name. */
  readonly imports: readonly string[];
}

/** AssemblyScript's own library and runtime, which every module holds without importing them by this name. */
const COMPILER = "assemblyscript";

/** An import of a package, which begins neither with a dot nor names a part of the runtime. */
const IMPORT = /\bfrom "((?:@[\w-]+\/)?[\w-]+)(?:\/[^"]*)?"/g;

/** Folders of the runtime, imported by their path inside it: `rt/tlsf`. */
const RUNTIME_FOLDERS = new Set(["rt", "shared", "util"]);

/** The packages the filter imports itself. */
export function importsOfFilter(root: string): string[] {
  return importsOf(join(root, "assembly"));
}

/** Every package of which code is in the module, by name: what the filter imports, what that imports, and the runtime. */
export function componentsOf(root: string): Component[] {
  const components = new Map<string, Component>();
  const pending = importsOfFilter(root);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (components.has(name)) continue;
    const component = readComponent(root, name);
    components.set(name, component);
    pending.push(...component.imports);
  }
  return [...components.values()].sort((a, b) => a.name.localeCompare(b.name, "en"));
}

function readComponent(root: string, name: string): Component {
  const folder = join(root, "node_modules", name);
  const { version, description, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Component;
  // The runtime's sources would be the compiler's own, too.
  const imports = name === COMPILER ? [] : importsOf(join(folder, "assembly"));
  // npm links to the packages of this repository.
  const isPublished = !lstatSync(folder).isSymbolicLink();
  return { name, version, description, license, isPublished, imports };
}

/** The packages that the sources of a folder import, the runtime being one of them. */
function importsOf(folder: string): string[] {
  const names = new Set([COMPILER]);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    for (const [, name = ""] of readFileSync(join(folder, file), "utf8").matchAll(IMPORT)) {
      if (!RUNTIME_FOLDERS.has(name)) names.add(name);
    }
  }
  return [...names].sort();
}
