import { type Paint, type Style, plural } from "../terminal.ts";
import type { Digest } from "./admin/wasm-message.ts";
import { type Diagnosis, type PluginSummary, countBySeverity } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";

/** The report of `--json`. */
export function jsonReport(diagnosis: Diagnosis): string {
  return JSON.stringify({ healthy: countBySeverity(diagnosis, "error") === 0, ...diagnosis }, null, 2);
}

/** The report for people: the proxy and its plugins, a paragraph for each finding, and a verdict. */
export function textReport(diagnosis: Diagnosis, paint: Paint, strict: boolean): string {
  const paragraphs = [
    [proxyLine(diagnosis), ...diagnosis.plugins.flatMap((plugin) => pluginLines(plugin, paint))],
    ...diagnosis.findings.map((finding) => findingLines(finding, paint)),
    [
      ...diagnosis.unchecked.map((what) => paint("dim", `not looked at: ${what}`)),
      verdictLine(diagnosis, paint, strict),
    ],
  ];
  return paragraphs.map((lines) => lines.join("\n")).join("\n\n");
}

function proxyLine({ proxy: { version, node } }: Diagnosis): string {
  return ["envoy", version, node === "" ? "" : `(${node})`].filter((word) => word !== "").join(" ");
}

const DIGEST_NOTES: Readonly<Record<Digest["of"], string>> = {
  name: "by its file's name",
  pin: "which Envoy insists on",
  file: "of the file on this machine",
};

function pluginLines(plugin: PluginSummary, paint: Paint): string[] {
  const { name, places, module, digest, failurePolicy, lookups, responseCache, clusters } = plugin;
  const field = (label: string, text: string): string => `  ${label.padEnd(9)} ${text}`;
  const does = [...lookups.map((lookup) => `lookup ${lookup}`), ...(responseCache ? ["responseCache"] : [])];
  return [
    paint("bold", `plugin ${name}`),
    ...places.map((place) => field("in", place)),
    field("module", module ?? "in the configuration itself"),
    field("digest", digest === null ? "unknown" : `sha256:${digest.sha256}, ${DIGEST_NOTES[digest.of]}`),
    field("failure", failurePolicy),
    field("does", does.length === 0 ? "nothing" : does.join(", ")),
    field("calls", clusters.length === 0 ? "nobody" : clusters.join(", ")),
  ];
}

const COLOURS: Readonly<Record<Finding["severity"], Style>> = { error: "red", warning: "yellow", info: "cyan" };

function findingLines({ id, severity, seen, where, remedy }: Finding, paint: Paint): string[] {
  return [
    `${paint(COLOURS[severity], `${severity}:`)} ${paint("bold", id)}: ${seen}`,
    `  where     ${where}`,
    `  remedy    ${remedy}`,
  ];
}

function verdictLine(diagnosis: Diagnosis, paint: Paint, strict: boolean): string {
  const errors = countBySeverity(diagnosis, "error");
  const warnings = countBySeverity(diagnosis, "warning");
  const notes = countBySeverity(diagnosis, "info");
  const counted = [plural(errors, "error"), plural(warnings, "warning"), plural(notes, "note")];
  const verdict = errors > 0 ? paint("red", "not well") : paint("green", "well");
  const strictness = strict && errors === 0 && warnings > 0 ? " (refused by --strict)" : "";
  return `${[verdict, ...counted.filter((text) => !text.startsWith("0 "))].join(", ")}${strictness}`;
}
