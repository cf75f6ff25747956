export type { Diagnostic, Position } from "./diagnostic.ts";
export { parsePath, splitRefusal } from "./config-path.ts";
export type { ManifestFacts } from "./manifest-facts.ts";
export { type PluginConfigSource, sourceInText } from "./plugin-config-source.ts";
export { type FileContents, type ReadOptions, UnreadableConfig, readFileContents, readPluginConfigs } from "./read.ts";
export { isValuesText } from "./foreign.ts";
export { isNamed, isSignpost } from "./select.ts";
export { type Tree, member, textAt, treeAt, valueAt } from "./tree.ts";
