import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkText } from "../../cli/src/check/check-file.ts";
import { signpostModule } from "../../cli/src/module.ts";
import { HOSTILE_CONFIGS } from "../fixtures/hostile/config.ts";
import { checkJson, temporaryDirectory } from "./support/cli.ts";
import { type Fields, envoyFilter, pluginMessage, typedConfig, wasmPlugin, yamlOf } from "./support/manifests.ts";

describe("what somebody wants to go wrong", () => {
  it("is refused where the filter refuses it, and accepted where it does not", async () => {
    const directory = temporaryDirectory();
    const paths = HOSTILE_CONFIGS.map(({ bytes }, index) => {
      const file = join(directory, `${index}.json`);
      writeFileSync(file, bytes);
      return file;
    });
    const { files } = await checkJson(paths);
    const verdicts = files.map(({ valid }, index) => ({ name: HOSTILE_CONFIGS[index]?.name, refused: !valid }));
    // Every file is read without its byte order mark, which the filter does not take.
    const expected = HOSTILE_CONFIGS.map(({ name, refused }) => ({
      name,
      refused: refused && !name.includes("\ufeff"),
    }));
    expect(verdicts).toEqual(expected);
  });
});

const yamlPieces = fc.array(
  fc.constantFrom(
    "a",
    "webdis",
    ":",
    " ",
    "\n",
    "- ",
    "&x ",
    "*x",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "|",
    "? ",
    "#",
    "---\n",
  ),
  { maxLength: 40 },
);

/** Texts that are nothing, nearly something, and manifests with anything in them. */
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.json({ maxDepth: 4 }),
  yamlPieces.map((pieces) => pieces.join("")),
  fc.object().map((spec) => yamlOf({ ...wasmPlugin({}), spec })),
  fc.object().map((config) => yamlOf(wasmPlugin(config))),
  fc.object().map((fields) => yamlOf(envoyFilter(typedConfig(pluginMessage(fields, fields as Fields))))),
);

describe("any text", () => {
  const module = signpostModule();

  it("gets a verdict, and what there is to say points into it", async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom("a.json", "a.yaml", "-"), async (text, file) => {
        const { diagnostics } = await checkText(text, file, { module });
        const lines = text.split("\n");
        for (const { position, message } of diagnostics) {
          expect(position?.line, message).toBeGreaterThanOrEqual(1);
          expect(position?.column, message).toBeGreaterThanOrEqual(1);
          expect(position?.column, message).toBeLessThanOrEqual((lines[(position?.line ?? 0) - 1]?.length ?? -1) + 1);
        }
      }),
      { numRuns: 200 },
    );
  });
});
