import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { verdictOf } from "../check/verdict.ts";
import { readClusterStatuses } from "./admin/cluster-status.ts";
import { readConfigDump } from "./admin/config-dump.ts";
import type { AdminTexts } from "./admin/source.ts";
import { Readings } from "./admin/readings.ts";
import { readStats } from "./admin/stats.ts";
import type { Digest, WasmMessage } from "./admin/wasm-message.ts";
import type { Examined } from "./examined.ts";
import { findInstances } from "./instance.ts";

export interface ExamineOptions {
  /** The filter's module, which judges configurations. */
  readonly module: Uint8Array;
  readonly name: string | undefined;
  readonly expectedDigest: string | undefined;
  /** Whether the proxy runs on this machine, so that the files it names are here. */
  readonly isLocal: boolean;
}

/** Puts together what the rules look at. @throws BadAdminOutput, NoModule */
export async function examine(texts: AdminTexts, options: ExamineOptions): Promise<Examined> {
  const dump = readConfigDump(texts.configDump);
  const clusters = texts.clusters === undefined ? undefined : readClusterStatuses(texts.clusters);
  const stats = texts.stats === undefined ? undefined : readStats(texts.stats);
  const earlier = texts.statsBefore === undefined ? undefined : readStats(texts.statsBefore);
  const readings = stats === undefined ? undefined : new Readings(stats, earlier, texts.secondsBetween);
  const instances = [];
  for (const instance of findInstances(dump, options.name)) {
    const verdict = await verdictOf(instance.source, options.module);
    instances.push({ ...instance, verdict, digest: digestOf(instance.message, options.isLocal) });
  }
  const { name, expectedDigest } = options;
  return { dump, clusters, stats, readings, instances, name, expectedDigest, ownDigest: sha256(options.module) };
}

function digestOf({ digest, module }: WasmMessage, isLocal: boolean): Digest | undefined {
  if (digest !== undefined || !isLocal || module === undefined || !existsSync(module)) return digest;
  return { sha256: sha256(readFileSync(module)), of: "file" };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
