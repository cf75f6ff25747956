import type { PluginConfig } from "../../fixtures/route/fixture.ts";
import { isDemanded, type Results, type TestDefinition } from "./model.ts";
import { passes } from "./results.ts";

/**
 * Why a test cannot or should not pass: by its own making, before any filter is asked, by the words of the RFC, or by our
 * choice where the RFC leaves one.
 */
export type Because = "test" | "envoy" | "rfc" | "design";

/** Tests that fail for one reason. */
export interface ExpectedFailures {
  readonly because: Because;
  /** In a sentence or two: the proof, or the RFC's words. */
  readonly reason: string;
  readonly tests: readonly string[];
}

/** Without a cache there is nothing to explain: what fails is what is not there. */
export function hasCache(config: PluginConfig): boolean {
  return "responseCache" in config;
}

export function explainedIds(expected: readonly ExpectedFailures[]): readonly string[] {
  return expected.flatMap(({ tests }) => tests);
}

/** The required and optimal tests that fail and are not explained. */
export function unexplained(
  tests: readonly TestDefinition[],
  results: Results,
  expected: readonly ExpectedFailures[],
): readonly string[] {
  const explained = new Set(explainedIds(expected));
  return tests
    .filter((test) => isDemanded(test) && !passes(results, test.id) && !explained.has(test.id))
    .map(({ id }) => id);
}

/** The explained tests that pass all the same. */
export function needlesslyExplained(results: Results, expected: readonly ExpectedFailures[]): readonly string[] {
  return explainedIds(expected).filter((id) => passes(results, id));
}
