import { describe, expect, it } from "vitest";
import { INVALID } from "../../fixtures/config/invalid.ts";
import { VALID } from "../../fixtures/config/valid.ts";
import { HOSTILE_CONFIGS } from "../../fixtures/hostile/config.ts";
import { UnitModule } from "../support/unit-module.ts";

const module = new UnitModule();
const configure = module.function("configure", ["bytes"], "text");
const memoryPages = module.function("memoryPages", [], "i32");

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
    const errors = errorsOf(JSON.stringify({ lookups: Array(1000).fill(7) }));
    expect(errors).toHaveLength(101);
    expect(errors[100]).toMatch(/^pluginConfig: \d+ more errors$/);
  });
});

describe("memory", () => {
  // What is supported, and the same with its last field wrong, so that all that was compiled has to be given up.
  const whole = VALID.find(({ name }) => name === "all that is supported");
  const configs = [whole, ...INVALID.filter(({ name }) => name.startsWith("everything"))].flatMap((fixture) => {
    if (fixture === undefined || typeof fixture.config === "string") return [];
    return [JSON.stringify(fixture.config), JSON.stringify({ ...fixture.config, shadow: 1 })];
  });

  it("stays as it is, however often configurations come and go", () => {
    expect(configs).toHaveLength(4);
    const use = (times: number): void => {
      for (let i = 0; i < times; i++) for (const json of configs) configure(json);
    };
    use(500);
    const before = memoryPages();
    use(2000);
    expect(memoryPages()).toBe(before);
  });
});
