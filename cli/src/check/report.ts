import type { Diagnostic } from "../plugin-config/index.ts";
import { type Paint, type Style, plural } from "../terminal.ts";
import { type FileReport, hasErrors } from "./check-file.ts";

/** The report of `--json`: for each file its verdict and what there is to say, places counting from 1. */
export function jsonReport(reports: readonly FileReport[]): string {
  const files = reports.map((report) => ({
    file: report.file,
    valid: !hasErrors(report),
    diagnostics: report.diagnostics.map(({ severity, path, message, hint, position, document }) => ({
      severity,
      path,
      line: position?.line ?? null,
      column: position?.column ?? null,
      message,
      ...(hint === undefined ? {} : { hint }),
      document: document === "" ? null : document,
    })),
  }));
  return JSON.stringify({ files }, null, 2);
}

/** The report for people: a line per diagnostic, as compilers write them, and a line per file. */
export function textReport(reports: readonly FileReport[], paint: Paint, strict: boolean): string {
  return reports
    .flatMap((report) => [
      ...report.diagnostics.map((diagnostic) => diagnosticLine(report.file, diagnostic, paint)),
      summaryLine(report, paint, strict),
    ])
    .join("\n");
}

const COLOURS: Readonly<Record<Diagnostic["severity"], Style>> = { error: "red", warning: "yellow", note: "cyan" };

function diagnosticLine(file: string, diagnostic: Diagnostic, paint: Paint): string {
  const { severity, path, message, hint, position, document } = diagnostic;
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  const label = paint(COLOURS[severity], `${severity}:`);
  const about = path === "" ? "" : `${path}: `;
  const help = hint === undefined ? "" : ` (${hint})`;
  const where = document === "" ? "" : paint("dim", ` [${document}]`);
  return `${paint("bold", `${place}:`)} ${label} ${about}${message}${help}${where}`;
}

function summaryLine(report: FileReport, paint: Paint, strict: boolean): string {
  const count = (severity: string): number =>
    report.diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  const errors = count("error");
  const warnings = count("warning");
  const counted = [plural(errors, "error"), plural(warnings, "warning")].filter((text) => !text.startsWith("0 "));
  const isAbsent = report.absence !== undefined;
  const verdict = errors > 0 ? paint("red", "not valid") : isAbsent ? "nothing to check" : paint("green", "valid");
  const strictness = strict && errors === 0 && warnings > 0 ? " (refused by --strict)" : "";
  const tail = counted.length === 0 ? "" : `, ${counted.join(", ")}`;
  return `${report.file}: ${verdict}${tail}${strictness}${documentsNote(report)}`;
}

function documentsNote({ documents, others }: FileReport): string {
  const notes = [documents.join(", "), others.length === 0 ? "" : `not Signpost's: ${others.join(", ")}`];
  const text = notes.filter((note) => note !== "").join("; ");
  return text === "" ? "" : ` (${text})`;
}
