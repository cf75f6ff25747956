/** Writes the patterns of `patterns.ts` into `plugin-config.schema.json`: `npx tsx schema/write-patterns.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import prettier from "prettier";
import { PATTERNS } from "./patterns.ts";

const FILE = join(import.meta.dirname, "plugin-config.schema.json");

interface Definition {
  pattern?: string;
  not?: { pattern: string };
}

const schema = JSON.parse(readFileSync(FILE, "utf8")) as { $defs: Record<string, Definition> };
for (const [name, { pattern, not }] of Object.entries(PATTERNS)) {
  const definition = schema.$defs[name];
  if (!definition) throw new Error(`${FILE} has no $defs/${name}`);
  if (pattern !== undefined) definition.pattern = pattern;
  if (not !== undefined) definition.not = { pattern: not };
}
const options = await prettier.resolveConfig(FILE);
writeFileSync(FILE, await prettier.format(JSON.stringify(schema), { ...options, filepath: FILE }));
