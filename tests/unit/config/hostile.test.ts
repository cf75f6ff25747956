import { describe, expect, it } from "vitest";
import { HOSTILE_CONFIGS } from "../../fixtures/hostile/config.ts";
import { UnitModule } from "../support/unit-module.ts";

const configure = new UnitModule().function("configure", ["bytes"], "text");

function errorsOf(json: string | Uint8Array): string[] {
  const errors = configure(json);
  return errors === "" ? [] : errors.split("\n");
}

describe("a hostile configuration", () => {
  it("comes in more than 200 kinds", () => {
    expect(HOSTILE_CONFIGS.length).toBeGreaterThan(200);
  });

  it.each(HOSTILE_CONFIGS)("$name", ({ bytes, refused }) => {
    const errors = errorsOf(bytes);
    expect(errors.length > 0).toBe(refused);
    expect(errors.length).toBeLessThanOrEqual(101);
    // One line each, whatever the configuration says, with a path before what is wrong.
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    for (const error of errors) expect(error).toMatch(/^[^\x00-\x1f\x7f]+: [^\x00-\x1f\x7f]+$/u);
  });

  it("tells how many errors there are when there are too many to tell", () => {
    const errors = errorsOf(JSON.stringify({ lookups: Array(64).fill({ name: 7, key: 7 }) }));
    expect(errors).toHaveLength(101);
    expect(errors[100]).toMatch(/^pluginConfig: \d+ more errors$/);
  });
});
