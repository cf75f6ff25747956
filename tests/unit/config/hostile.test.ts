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
    const errors = errorsOf(JSON.stringify({ responseCache: { key: { headers: Array(150).fill(7) } } }));
    expect(errors).toHaveLength(101);
    expect(errors[100]).toBe("pluginConfig: 50 more errors");
  });

  it("is not read to its end when there are too many errors in it, and says so", () => {
    const errors = errorsOf(JSON.stringify({ lookups: Array(64).fill({ name: 7, key: 7 }) }));
    expect(errors).toHaveLength(101);
    expect(errors[100]).toBe("pluginConfig: perhaps more errors: what follows was not read");
  });

  it.each([
    ["hosts", { match: { hosts: Array.from({ length: 4097 }, (_, i) => `h${i}.example`) } }, "lookups[0].match.hosts"],
    [
      "answers",
      { onError: Object.fromEntries(Array.from({ length: 4097 }, (_, i) => [`f${i}`, 1])) },
      "lookups[0].onError",
    ],
  ])("with too many %s is told that, and nothing else", (_, section, path) => {
    const errors = errorsOf(
      JSON.stringify({ webdis: { cluster: "c" }, lookups: [{ name: "a", key: "k:{host}", ...section }] }),
    );
    expect(errors).toEqual([`${path}: 4097 given (at most 4096)`]);
  });

  it("with too many lookups is told how many there may be", () => {
    expect(errorsOf(JSON.stringify({ lookups: Array(5000).fill({}) }))[0]).toBe("lookups: 5000 given (at most 64)");
  });
});
