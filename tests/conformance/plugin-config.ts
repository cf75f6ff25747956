import type { PluginConfig } from "../fixtures/route/fixture.ts";

/** The filter's configuration that the suite runs against: a response cache with its defaults. */
export const PLUGIN_CONFIG: PluginConfig = { responseCache: {} };
