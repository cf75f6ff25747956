import { readFileSync, writeFileSync } from "node:fs";
import prettier from "prettier";
import { PROJECT_ROOT } from "../../../envoy-local/lib/project.ts";
import { EXPECTED_FAILURES } from "../expected-failures.ts";
import { explainedIds, type ExpectedFailures } from "./explanations.ts";
import { isDemanded, KINDS, kindOf, type Group, type Results, type TestDefinition } from "./model.ts";
import { passes } from "./results.ts";
import { SURROGATE_CONTROL, testsOf, type OtherCache } from "./suite.ts";

const DOCUMENT = `${PROJECT_ROOT}docs/conformance.md`;
const BEGIN = "<!-- results: written by tests/conformance/run.ts -->";
const END = "<!-- /results -->";

/** All that the document shows of a run. */
export interface Measured {
  readonly groups: readonly Group[];
  readonly results: Results;
  readonly others: readonly OtherCache[];
}

/** The document as it is. */
export function readReport(): string {
  return readFileSync(DOCUMENT, "utf8");
}

/** The document with these results in the place for them. */
export async function reportOf(measured: Measured): Promise<string> {
  const document = readReport();
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`${DOCUMENT} has no place for results: ${BEGIN} … ${END}`);
  }
  const sections = [totalsByKind(measured), totalsByGroup(measured), asks(measured), explanations(measured)];
  const text = [document.slice(0, begin) + BEGIN, ...sections, document.slice(end)].join("\n\n");
  return prettier.format(text, { ...(await prettier.resolveConfig(DOCUMENT)), parser: "markdown" });
}

export async function writeReport(measured: Measured): Promise<void> {
  writeFileSync(DOCUMENT, await reportOf(measured));
}

/** How many of the tests pass, by kind, as one line. */
export function summaryOf(groups: readonly Group[], results: Results): string {
  const tests = testsOf(groups);
  return KINDS.map(
    (kind) =>
      `${kind} ${score(
        tests.filter((test) => kindOf(test) === kind),
        results,
      )}`,
  ).join(", ");
}

function score(tests: readonly TestDefinition[], results: Results): string {
  return `${countPasses(tests, results)} of ${tests.length}`;
}

function countPasses(tests: readonly TestDefinition[], results: Results): number {
  return tests.filter(({ id }) => passes(results, id)).length;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function totalsByKind({ groups, results, others }: Measured): string {
  const tests = testsOf(groups.filter(({ id }) => id !== SURROGATE_CONTROL));
  const caches = [{ name: "**Signpost**", version: "", results }, ...others];
  const rows = caches.map((cache) => [
    cache.version === "" ? cache.name : `${cache.name} ${cache.version}`,
    ...KINDS.map((kind) =>
      String(
        countPasses(
          tests.filter((test) => kindOf(test) === kind),
          cache.results,
        ),
      ),
    ),
    String(countPasses(tests.filter(isDemanded), cache.results)),
  ]);
  const header = [
    "cache",
    ...KINDS.map((kind) => `${kind}, of ${tests.filter((test) => kindOf(test) === kind).length}`),
    `required + optimal, of ${tests.filter(isDemanded).length}`,
  ];
  return `## Passes by kind\n\n${table(header, rows)}`;
}

function totalsByGroup({ groups, results, others }: Measured): string {
  const rows = groups.map((group) => {
    const demanded = group.tests.filter(isDemanded);
    const checks = group.tests.filter((test) => !isDemanded(test));
    return [
      group.name,
      ...KINDS.slice(0, 2).map((kind) =>
        scoreOrNone(
          group.tests.filter((test) => kindOf(test) === kind),
          results,
        ),
      ),
      scoreOrNone(checks, results),
      ...others.map((other) => (demanded.length === 0 ? "" : String(countPasses(demanded, other.results)))),
    ];
  });
  const header = ["group", ...KINDS, ...others.map(({ name }) => name)];
  return `## Passes by group\n\nThe columns of other caches count required and optimal tests.\n\n${table(header, rows)}`;
}

function scoreOrNone(tests: readonly TestDefinition[], results: Results): string {
  return tests.length === 0 ? "" : `${countPasses(tests, results)}/${tests.length}`;
}

/** What a cache does in a test that passes it. */
function askOf({ requests }: TestDefinition): string {
  const validated = requests.find(({ expected_type: type = "" }) => type.endsWith("validated"));
  if (validated !== undefined) {
    const field = validated.expected_type === "etag_validated" ? "If-None-Match" : "If-Modified-Since";
    return `validates what it stored with ${field}${validated.expected_status === 304 ? ", and answers 304 itself" : ""}`;
  }
  const last = requests.at(-1);
  if (last?.expected_type === "not_cached") return "asks the origin again";
  if (last?.expected_type === undefined) return "sends a request of its own";
  if (last.expected_status === 304) return "answers 304 from the store";
  if (last.expected_status === 206) return "answers a range from the store";
  return "answers from the store";
}

function asks({ groups, results }: Measured): string {
  const sections = groups.map((group) => {
    const demanded = group.tests.filter(isDemanded);
    const items = [...new Set(demanded.map(askOf))].map((ask) => {
      const tests = demanded.filter((test) => askOf(test) === ask);
      return `- ${ask}\n${idsByOutcome(tests, results)}`;
    });
    return items.length === 0 ? "" : `### ${group.name}\n\n${items.join("")}`;
  });
  const text = "Required and optimal tests by what a cache does to pass them; the required ones in bold.";
  return ["## What the tests ask for", text, ...sections].join("\n\n");
}

function idsByOutcome(tests: readonly TestDefinition[], results: Results): string {
  const item = (outcome: boolean): string => {
    const ids = tests
      .filter(({ id }) => passes(results, id) === outcome)
      .map((test) => (kindOf(test) === "required" ? `**\`${test.id}\`**` : `\`${test.id}\``));
    return ids.length === 0 ? "" : `  - ${outcome ? "passes" : "fails"} ${ids.length}: ${ids.join(", ")}\n`;
  };
  return item(false) + item(true);
}

const BECAUSE: Readonly<Record<ExpectedFailures["because"], string>> = {
  test: "the test cannot be passed",
  envoy: "Envoy decides before the filter",
  rfc: "the RFC says otherwise",
  design: "our choice, where the RFC leaves one",
};

function explanations({ groups }: Measured): string {
  const explained = new Set(explainedIds(EXPECTED_FAILURES));
  const demanded = testsOf(groups.filter(({ id }) => id !== SURROGATE_CONTROL)).filter(isDemanded);
  const leaves = demanded.filter(({ id }) => !explained.has(id)).length;
  const items = EXPECTED_FAILURES.map(
    ({ because, reason, tests }) => `- **${BECAUSE[because]}**: ${reason} ${tests.map((id) => `\`${id}\``).join(", ")}`,
  );
  return `## What the cache is not to pass\n\nThis leaves ${leaves} of the ${demanded.length} to pass.\n\n${items.join("\n")}`;
}
