import { CATALOGUE, type FindingId } from "./catalogue/index.ts";
import type { Severity } from "./catalogue/entry.ts";

/** Something about a proxy that is not as it should be. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** What was seen. */
  readonly seen: string;
  /** Where: a filter in a listener, a cluster, an address. */
  readonly where: string;
  readonly remedy: string;
}

/** A `remedy` for what exactly was seen goes before the one of its kind. */
export function finding(
  id: FindingId,
  { seen, where, remedy }: Pick<Finding, "seen" | "where"> & { readonly remedy?: string | undefined },
): Finding {
  const { severity, remedy: usual } = CATALOGUE[id];
  return { id, severity, seen, where, remedy: remedy ?? usual };
}

const ORDER: readonly Severity[] = ["error", "warning", "info"];

/** Findings as they are shown: the worst first, and what is the same at several places once. */
export function arranged(findings: Iterable<Finding>): Finding[] {
  const bySight = new Map<string, Finding>();
  for (const each of findings) {
    const key = `${each.id}\n${each.seen}`;
    const before = bySight.get(key);
    const isElsewhere = before !== undefined && !before.where.split("; ").includes(each.where);
    if (before === undefined) bySight.set(key, each);
    else if (isElsewhere) bySight.set(key, { ...before, where: `${before.where}; ${each.where}` });
  }
  return [...bySight.values()].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
