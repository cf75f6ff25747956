import { describe, expect, it } from "vitest";
import { INVALID } from "../../fixtures/config/invalid.ts";
import { VALID } from "../../fixtures/config/valid.ts";
import { UnitModule } from "../support/unit-module.ts";

const module = new UnitModule();
const configure = module.function("configure", ["bytes"], "text");
const memoryPages = module.function("memoryPages", [], "i32");

const WHOLE = [...VALID, ...INVALID].filter(({ name }) => /^(all that is supported|everything)/.test(name));

describe("memory", () => {
  it("stays as it is, however often configurations come, fail and go", () => {
    expect(WHOLE).toHaveLength(2);
    const use = (times: number): void => {
      for (let i = 0; i < times; i++) for (const { config } of WHOLE) configure(JSON.stringify(config));
    };
    use(500);
    const before = memoryPages();
    use(4000);
    expect(memoryPages()).toBe(before);
  });
});
