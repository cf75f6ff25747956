import { setTimeout } from "node:timers/promises";
import { readGivenText } from "../../explain/given-files.ts";
import { get, whyNot } from "../http-get.ts";
import { type AdminText, BadAdminOutput } from "./admin-output.ts";

/** What an Envoy says of itself, as text; only the configuration is always there. */
export interface AdminTexts {
  readonly configDump: AdminText;
  readonly clusters: AdminText | undefined;
  readonly stats: AdminText | undefined;
  /** An earlier reading of the statistics. */
  readonly statsBefore: AdminText | undefined;
  /** How long before, in seconds; undefined where nobody knows. */
  readonly secondsBetween?: number;
}

/** Of the statistics, those the rules look at: a large gateway has hundreds of thousands. */
const STATS =
  "^wasm|^server\\.uptime$|extension_config_discovery|circuit_breakers\\.default|upstream_(cx|cx_pool|rq_pending)_overflow|\\.upstream_rq_[345]\\d\\d$|^http\\..*\\.downstream_rq_(5xx|completed)";

/**
 * Asks an admin interface.
 *
 * @param watch for how long to count, in milliseconds; 0: since the proxy started
 * @throws BadAdminOutput
 */
export async function fromAdmin(base: URL, watch: number): Promise<AdminTexts> {
  const askStats = async (): Promise<AdminText> => ask(base, `/stats?format=json&filter=${encodeURIComponent(STATS)}`);
  const statsBefore = watch === 0 ? undefined : await askStats();
  const start = performance.now();
  await setTimeout(watch);
  const [configDump, clusters, stats] = await Promise.all([
    ask(base, "/config_dump"),
    ask(base, "/clusters?format=json"),
    askStats(),
  ]);
  return { configDump, clusters, stats, statsBefore, secondsBetween: (performance.now() - start) / 1000 };
}

async function ask(base: URL, path: string): Promise<AdminText> {
  const [plain = ""] = path.split("?");
  const from = base.origin + base.pathname.replace(/\/$/, "") + plain;
  try {
    const { status, body } = await get(base, path);
    if (status === 200) return { from, text: body };
    throw new BadAdminOutput(`${from} answers ${status}: is this Envoy's admin interface?`);
  } catch (error) {
    if (error instanceof BadAdminOutput) throw error;
    throw new BadAdminOutput(`${from} cannot be asked: ${whyNot(error)}`, { cause: error });
  }
}

/** Reads saved answers of an admin interface. @throws UsageError where one cannot be read */
export async function fromFiles(files: {
  readonly configDump: string;
  readonly clusters: string | undefined;
  readonly stats: string | undefined;
  readonly statsBefore: string | undefined;
}): Promise<AdminTexts> {
  const read = async (option: string, file: string): Promise<AdminText> => ({
    from: file,
    text: await readGivenText(option, file),
  });
  const { configDump, clusters, stats, statsBefore } = files;
  return {
    configDump: await read("--config-dump", configDump),
    clusters: clusters === undefined ? undefined : await read("--clusters", clusters),
    stats: stats === undefined ? undefined : await read("--stats", stats),
    statsBefore: statsBefore === undefined ? undefined : await read("--stats-before", statsBefore),
  };
}
