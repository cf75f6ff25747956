import { HeaderMap } from "proxy-wasm-host";
import { changesBetween } from "./changes.ts";
import { requestHeaders } from "./client-request.ts";
import type { Decision, Explanation, LookupExplanation } from "./explanation.ts";
import { JournalReader, type OpenStep } from "./journal-reader.ts";
import type { LookupOutline, Outline } from "./outline.ts";
import type { Secrets } from "./secrets.ts";
import type { Passage } from "./session.ts";
import { type LookupReport, readReport } from "./trace.ts";

/** Tells what the filter did with a request, from what crossed the border between it and the proxy. */
export function explain(passage: Passage, outline: Outline, secrets: Secrets): Explanation {
  const reader = new JournalReader(passage.answers, outline, secrets);
  for (const entry of passage.journal) reader.read(entry);
  const { request } = passage;
  const result = readReport(reader.report);
  return {
    request: {
      method: request.method,
      url: `${request.scheme}://${request.authority}${request.path}`,
      headers: secrets.maskHeaders(request.headers),
      ...(request.body === undefined ? {} : { bodyBytes: request.body.length }),
    },
    lookups: outline.lookups.map((lookup) =>
      explainLookup(
        lookup,
        reader,
        result.find((report) => report.lookup === lookup.name),
      ),
    ),
    responseCache: reader.steps.filter(isCacheRead).map(({ step }) => step),
    decision: decisionOf(passage, outline, secrets),
    afterwards: reader.steps
      .filter((step) => !isCacheRead(step) && (step.isAfterwards || step.lookup === undefined))
      .map(({ step }) => step),
    report: reader.report,
    ...(outline.isShadow ? { shadow: reader.shadow } : {}),
    warnings: [...reader.warnings, ...passage.violations],
  };
}

/** Only the response cache reads for nobody's lookup, and what it reads the request waits for. */
function isCacheRead({ lookup, step }: OpenStep): boolean {
  return lookup === undefined && step.question?.method === "GET";
}

function explainLookup(lookup: LookupOutline, reader: JournalReader, result?: LookupReport): LookupExplanation {
  const key = reader.keys.get(lookup.name);
  const asked = reader.steps
    .filter((step) => step.lookup === lookup.name && !step.isAfterwards)
    .map(({ step }) => step);
  const isHit = result?.tier === "local" && asked.length === 0;
  return {
    lookup: lookup.name,
    matched: result !== undefined && result.reason !== "no match",
    ...(key === undefined ? {} : { key, local: !lookup.local ? "off" : isHit ? "hit" : "nothing fresh" }),
    asked,
    ...(result === undefined ? {} : { result }),
  };
}

function decisionOf({ request, stream }: Passage, outline: Outline, secrets: Secrets): Decision {
  const { localReply, response } = stream;
  if (localReply === undefined) {
    const client = new HeaderMap(requestHeaders(request));
    return {
      kind: "continue",
      changes: changesBetween(client, stream.request.headers, secrets),
      routeChosenAnew: stream.routeCacheCleared > 0,
    };
  }
  const headers = [...(response?.headers ?? [])].filter(
    ([name]) => !name.startsWith(":") && name !== outline.debugHeader.toLowerCase(),
  );
  return {
    kind: "answer",
    status: response?.status ?? localReply.status,
    headers: secrets.maskHeaders(headers),
    body: secrets.mask(response?.text ?? ""),
    by: localReply.details === "signpost" ? "signpost" : "the proxy",
  };
}
