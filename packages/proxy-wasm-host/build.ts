/** Builds what is published, in dist/: modules and their declarations. `npm pack` calls this. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const dist = join(import.meta.dirname, "dist");
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

// What was built of a source that is gone would be published, too.
rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, "--project", join(import.meta.dirname, "tsconfig.build.json")], {
  stdio: "inherit",
});

// The compiler writes `./x.js` for `./x.ts` in modules, but leaves declarations as they are, and no consumer's compiler takes them.
for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".d.ts"))) {
  const file = join(dist, name);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/((?:from|import\() ?"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
}
