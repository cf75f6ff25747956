import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Explanation, TierStep } from "../../../cli/src/explain/explanation.ts";
import { type Outcome, signpost, temporaryDirectory } from "./cli.ts";

export const PASSWORD = "hunter2-is-secret";
export const URL_OF_ACME = "https://shop.example.com/api/acme/orders?x=1";

/** A configuration with one lookup in Redis and a service; `lookup` and `sections` replace parts of it. */
export function config(lookup: Record<string, unknown> = {}, sections: Record<string, unknown> = {}): object {
  return {
    webdis: { cluster: "webdis", username: "signpost", password: PASSWORD },
    lookups: [
      {
        name: "route",
        match: { paths: ["/api/*"] },
        key: "route:{host}:{path[1]}",
        service: { cluster: "routing", path: "/routes?host={host}&tenant={path[1]}" },
        local: { ttl: "1m", jitter: "0%" },
        owns: ["x-cell"],
        ...lookup,
      },
    ],
    ...sections,
  };
}

/** What Webdis says where Redis has nothing under the key. */
export const NIL = { cluster: "webdis", value: null };

/** What Webdis says of a record. */
export function inRedis(record: unknown): object {
  return { cluster: "webdis", value: record };
}

/** What the service says. */
export function fromService(record: unknown): object {
  return { cluster: "routing", status: 200, body: JSON.stringify(record) };
}

export interface ExplainRun {
  config?: object;
  replies?: readonly object[];
  url?: string;
  args?: readonly string[];
  input?: string;
  environment?: Record<string, string>;
}

/** Runs `signpost explain` with the configuration and recorded replies in files of their own. */
export async function explain(run: ExplainRun = {}): Promise<Outcome> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "signpost.json"), JSON.stringify(run.config ?? config()));
  if (run.replies) writeFileSync(join(directory, "replies.json"), JSON.stringify(run.replies));
  return signpost(
    [
      ...["explain", "signpost.json", "--url", run.url ?? URL_OF_ACME],
      ...(run.replies ? ["--replies", "replies.json"] : []),
      ...(run.args ?? []),
    ],
    {
      directory,
      ...(run.input === undefined ? {} : { input: run.input }),
      ...(run.environment === undefined ? {} : { environment: run.environment }),
    },
  );
}

/** What `--json` says of each request. */
export async function explainJson(run: ExplainRun = {}): Promise<Explanation[]> {
  const { code, stdout, stderr } = await explain({ ...run, args: [...(run.args ?? []), "--json"] });
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { requests: Explanation[] }).requests;
}

/** Of a single request, the tiers that its first lookup asked. */
export function stepsOf([explanation]: readonly Explanation[]): readonly TierStep[] {
  return explanation?.lookups[0]?.asked ?? [];
}

/** Tier, answer and reason of each step: what the filter made of the replies. */
export function answersOf(explanations: readonly Explanation[]): string[] {
  return stepsOf(explanations).map(({ tier, answer = "", reason }) =>
    reason === undefined ? `${tier}: ${answer}` : `${tier}: ${answer}: ${reason}`,
  );
}
