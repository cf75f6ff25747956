import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const MAX_LINES = 500;

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((name) => name !== "" && existsSync(join(ROOT, name)));

function read(name: string): string {
  return readFileSync(join(ROOT, name), "utf8");
}

describe("every file", () => {
  it("is about one thing: no source is over 500 lines", () => {
    const long = tracked
      .filter((name) => /\.(ts|sh)$/.test(name))
      .map((name) => ({ name, lines: read(name).split("\n").length }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });
});

describe("the documentation", () => {
  const documents = tracked.filter((name) => name.endsWith(".md"));

  it.each(documents)("%s links to files that are there", (document) => {
    const links = [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map((match) => match[1] ?? "");
    const broken = links.filter((link) => !existsSync(join(ROOT, dirname(document), link)));
    expect(broken).toEqual([]);
  });

  it.each(documents)("%s names files and folders that are there", (document) => {
    // A path in code quotes with a slash or a source's ending, as in `assembly/store/` or `up.sh`.
    const named = [...read(document).matchAll(/`(\.?\/?(?:[\w.-]+\/)+[\w.-]*|[\w.-]+\.(?:ts|sh|yaml))`/g)]
      .map((match) => match[1] ?? "")
      .filter((name) => !name.startsWith("/") && !/^(build|node_modules|\.cache|text|application)\//.test(name))
      // Annotations have a domain before their slash.
      .filter((name) => !/^[a-z.]+\.io\//.test(name));
    const missing = named.filter(
      (name) => !existsSync(join(ROOT, name)) && !existsSync(join(ROOT, dirname(document), name)),
    );
    expect(missing).toEqual([]);
  });
});
