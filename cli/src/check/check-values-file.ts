import type { Diagnostic } from "../plugin-config/index.ts";
import { readValues } from "../render/render-values.ts";
import type { FileReport } from "./check-file.ts";

/** Checks a values file of `signpost render` as that does: the configuration in it, and what is around it. @throws NoModule */
export async function checkValuesText(text: string, file: string, module: Uint8Array): Promise<FileReport> {
  const { diagnostics } = await readValues(text, [], module);
  const message = `values of signpost render: to check the manifests, too, render them first (signpost render ${file} | signpost check -)`;
  const note = { severity: "note", path: "", message, position: { line: 1, column: 1 }, document: "" } as const;
  // What is around the configuration, such as the module's digest, is often set when it is rendered (--set).
  const found = diagnostics.map((each): Diagnostic => {
    const isAround = each.severity === "warning" && !each.path.startsWith("config");
    return isAround ? { ...each, severity: "note" } : each;
  });
  return { file, documents: [], others: [], diagnostics: [note, ...found], absence: undefined, isReadable: true };
}
