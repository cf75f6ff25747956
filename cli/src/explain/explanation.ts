import type { Header } from "./call-outcome.ts";
import type { Change } from "./changes.ts";
import type { LookupReport } from "./trace.ts";

/** What the filter did with one request, step by step. Credentials are masked in it. */
export interface Explanation {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: readonly Header[];
    /** Bytes of the body; undefined when there is none. */
    readonly bodyBytes?: number;
  };
  /** In the order of the configuration. */
  readonly lookups: readonly LookupExplanation[];
  /** What the response cache asked Redis before the request went on or was answered. */
  readonly responseCache: readonly TierStep[];
  readonly decision: Decision;
  /** What the filter asked and wrote after the request had gone on or been answered. */
  readonly afterwards: readonly TierStep[];
  /** The debug header's text. */
  readonly report: string;
  /** What the configuration would have done if it were not for `shadow: true`, in the filter's words. */
  readonly shadow?: readonly string[];
  /** What the filter logged as a warning or an error, and what it did that Envoy does not define. */
  readonly warnings: readonly string[];
}

/** One lookup's part in it. */
export interface LookupExplanation {
  readonly lookup: string;
  /** False also when an earlier lookup has answered: then there is no `result`. */
  readonly matched: boolean;
  /** Undefined when the lookup does not apply. */
  readonly key?: string;
  /** What the local store of the worker knew; undefined when nobody asked it. */
  readonly local?: "hit" | "nothing fresh" | "off";
  /** The tiers that were asked, in order. */
  readonly asked: readonly TierStep[];
  /** What came of it; undefined when an earlier lookup has answered. */
  readonly result?: LookupReport;
}

/** A tier's turn: what it was asked and what came of it. */
export interface TierStep {
  /** `webdis` or `service`. */
  readonly tier: string;
  /** Undefined when the filter did not even ask: too many calls are out, or the breaker is open. */
  readonly question?: QuestionExplanation;
  /** Undefined also for a write that was not sent. */
  readonly reply?: ReplyExplanation;
  /** What the filter read it as: `found`, `miss` or a failure class; undefined when it does not say. */
  readonly answer?: string;
  /** Why, in the filter's words. */
  readonly reason?: string;
}

/** A call, as the filter made it. */
export interface QuestionExplanation {
  readonly cluster: string;
  /** The address that was asked, `recorded` or `nobody`. */
  readonly answeredBy: string;
  readonly method: string;
  readonly path: string;
  /** The Redis command, for Webdis. */
  readonly command?: readonly string[];
  /** With the authority as `host`. */
  readonly headers: readonly Header[];
  readonly bodyBytes: number;
  readonly timeoutMilliseconds: number;
}

/** A reply, or what there is in its place. */
export interface ReplyExplanation {
  /** Undefined when no reply came. */
  readonly status?: number;
  readonly headers?: readonly Header[];
  /** The body, or the beginning of a long one. */
  readonly body?: string;
  readonly bodyBytes?: number;
  /** Why there is no reply: `timeout`, `unreachable`, `malformed`, `reset`, `unknown cluster`, `not sent`. */
  readonly failure?: string;
  /** What exactly happened, for a failure. */
  readonly detail?: string;
  readonly milliseconds: number;
}

/** What becomes of the request. */
export type Decision =
  | {
      readonly kind: "continue";
      /** What the upstream gets that the client did not send so. */
      readonly changes: readonly Change[];
      /** Whether the proxy was told to choose its route anew. */
      readonly routeChosenAnew: boolean;
    }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: readonly Header[];
      readonly body: string;
      /** `signpost`, or the proxy itself when what the filter did was no valid request. */
      readonly by: string;
    };
