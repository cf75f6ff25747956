export type { Diagnostic, Position } from "./diagnostic.ts";
export { splitRefusal } from "./config-path.ts";
export type { ManifestFacts } from "./manifest-facts.ts";
export { type PluginConfigSource, sourceInText } from "./plugin-config-source.ts";
export { type FileContents, type ReadOptions, UnreadableConfig, readFileContents, readPluginConfigs } from "./read.ts";
export { isNamed, isSignpost } from "./select.ts";
export { type Tree, textAt, valueAt } from "./tree.ts";
