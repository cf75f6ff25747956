import type { PluginConfig } from "../fixtures/route/fixture.ts";

/** The filter's configuration that the suite runs against. */
export const PLUGIN_CONFIG: PluginConfig = {};
