import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { MARK, type RenderedFile } from "./layout.ts";

/** What writing a tree has changed; paths with slashes. */
export interface Written {
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Writes the files below a directory, where they differ, and removes what an earlier run rendered there and this one does
 * not. Files that were not rendered stay.
 */
export function writeTree(directory: string, files: readonly RenderedFile[]): Written {
  const changed: string[] = [];
  for (const { path, text } of files) {
    const file = join(directory, path);
    if (contentOf(file) === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    changed.push(path);
  }
  const wanted = new Set(files.map(({ path }) => path));
  const removed = renderedFiles(directory).filter((path) => !wanted.has(path));
  for (const path of removed) rmSync(join(directory, path));
  return { changed, removed };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The files below a directory that begin with the mark. */
function renderedFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".yaml"))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => contentOf(join(directory, path))?.startsWith(`${MARK}\n`))
    .sort();
}
