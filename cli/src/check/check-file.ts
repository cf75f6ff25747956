import { type Diagnostic, readFileContents } from "../plugin-config/index.ts";
import { adviceOn } from "./advice.ts";
import { undeclaredVariable } from "./environment.ts";
import { verdictOf } from "./verdict.ts";

/** What came of checking a file. */
export interface FileReport {
  file: string;
  /** Documents that were checked, as in `WasmPlugin/route`; none where the file is the configuration itself. */
  documents: string[];
  /** Documents of Wasm plugins that were taken for others. */
  others: string[];
  diagnostics: Diagnostic[];
  /** That it holds no configuration: an error, unless another of the files holds one. */
  absence: Diagnostic | undefined;
  /** Whether it could be read at all. */
  isReadable: boolean;
}

export interface CheckOptions {
  module: Uint8Array;
  /** The name of the plugin that is meant, where a file holds several. */
  name?: string | undefined;
}

/** Checks every configuration in a file's text. @throws NoModule */
export async function checkText(text: string, file: string, { module, name }: CheckOptions): Promise<FileReport> {
  const { sources, diagnostics, others, absence } = readFileContents(text, file, { name });
  // Where something was taken for a configuration all the same, what the filter says of it tells more.
  const found = absence !== undefined && sources.length === 0 ? [absence, ...diagnostics] : [...diagnostics];
  for (const source of sources) {
    const verdict = await verdictOf(source, module);
    found.push(...verdict);
    // The module may have said something about the name itself.
    if (!verdict.some(({ path }) => path === "webdis.passwordEnv")) found.push(...undeclaredVariable(source));
    found.push(...adviceOn(source));
  }
  const documents = sources.map(({ document }) => document).filter((document) => document !== "");
  return { file, documents, others, diagnostics: found, absence, isReadable: true };
}

/** The report on a file that cannot be read. */
export function unreadable(file: string, reason: string): FileReport {
  const diagnostic: Diagnostic = { severity: "error", path: "", message: `cannot be read: ${reason}`, document: "" };
  return { file, documents: [], others: [], diagnostics: [diagnostic], absence: undefined, isReadable: false };
}

/** A file that holds no configuration is an error where none of the files does, else worth a note. */
export function withAbsences(reports: readonly FileReport[]): FileReport[] {
  const isFound = reports.some(({ isReadable, absence }) => isReadable && absence === undefined);
  return reports.map((report) => {
    const { absence } = report;
    if (absence === undefined) return report;
    return isFound ? { ...report, diagnostics: [{ ...absence, severity: "note" }] } : report;
  });
}

export function hasErrors({ diagnostics }: FileReport): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

export function hasWarnings({ diagnostics }: FileReport): boolean {
  return diagnostics.some(({ severity }) => severity === "warning");
}
