import { CLUSTERS } from "./clusters.ts";
import { CONFIGURATION } from "./configuration.ts";
import type { CatalogueEntry } from "./entry.ts";
import { MODULE } from "./module.ts";
import { ORDER } from "./order.ts";
import { RUNNING } from "./running.ts";
import { WEBDIS } from "./webdis.ts";

const ALL = { ...MODULE, ...CONFIGURATION, ...CLUSTERS, ...ORDER, ...RUNNING, ...WEBDIS };

export type FindingId = keyof typeof ALL;

/** Everything `signpost doctor` can find; docs/doctor.md has the same. */
export const CATALOGUE: Readonly<Record<FindingId, CatalogueEntry>> = ALL;
