/** The words of http-cache-tests: https://github.com/http-tests/cache-tests/blob/main/README.md */

export const KINDS = ["required", "optimal", "check"] as const;

/** What a failure means: a mistake, a chance not taken, or nothing but how this cache does it. */
export type Kind = (typeof KINDS)[number];

/** One request of a test, and what the suite expects of it; only the members we read. */
export interface TestRequest {
  readonly request_method?: string;
  readonly request_headers?: readonly (readonly [name: string, value: string])[];
  readonly response_status?: readonly [number, string];
  readonly expected_type?: "cached" | "not_cached" | "etag_validated" | "lm_validated";
  readonly expected_status?: number;
}

export interface TestDefinition {
  readonly id: string;
  readonly name: string;
  readonly kind?: Kind;
  /** It asks something of browsers' caches only. */
  readonly browser_only?: boolean;
  readonly depends_on?: readonly string[];
  readonly requests: readonly TestRequest[];
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly tests: readonly TestDefinition[];
}

/**
 * `true` for a pass, else what failed and why: `Assertion` for what the test is about, `Setup` for what comes before that,
 * any other name for an error of the client.
 */
export type Result = true | readonly [name: string, reason: string];

/** By the test's id. */
export type Results = Readonly<Record<string, Result>>;

export function kindOf(test: TestDefinition): Kind {
  return test.kind ?? "required";
}

/** Whether a failure of it has to be explained. */
export function isDemanded(test: TestDefinition): boolean {
  return kindOf(test) !== "check";
}
