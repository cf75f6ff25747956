import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../cli/src/doctor/catalogue/index.ts";
import { FORBIDDEN_COMMANDS } from "../../cli/src/doctor/webdis/forbidden-commands.ts";
import { ROOT } from "./support/cli.ts";

const PAGE = readFileSync(join(ROOT, "docs/doctor.md"), "utf8");

/** Rows of the tables of findings: id, severity, meaning, remedy. */
function rows(): string[][] {
  return PAGE.split("\n")
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter(([, id, severity]) => /^`[a-z-]+`$/.test(id ?? "") && /^(?:error|warning|info)$/.test(severity ?? ""))
    .map((cells) => cells.slice(1, 5).map((cell) => cell.replaceAll(/\\([^A-Za-z0-9\s])/g, "$1").replaceAll("`", "")));
}

describe("docs/doctor.md", () => {
  it("has every finding as the code has it", () => {
    const known = Object.entries(CATALOGUE).map(([id, { severity, meaning, remedy }]) => [
      id,
      severity,
      meaning,
      remedy,
    ]);
    expect(rows()).toEqual(known);
  });

  it("names every command that is tried", () => {
    for (const [command] of FORBIDDEN_COMMANDS) expect(PAGE).toContain(`\`${command ?? ""}\``);
  });
});

describe("every finding", () => {
  it("is found by a test", () => {
    const texts = ["tests/cli", "tests/envoy"].flatMap((folder) =>
      readdirSync(join(ROOT, folder))
        .filter((file) => /^doctor.*\.test\.ts$/.test(file))
        .map((file) => readFileSync(join(ROOT, folder, file), "utf8")),
    );
    const untested = Object.keys(CATALOGUE).filter((id) => !texts.some((text) => text.includes(`"${id}"`)));
    expect(untested).toEqual([]);
  });
});
