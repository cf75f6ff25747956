import type { ClusterOptions } from "./kubectl.ts";
import type { Form } from "./render.ts";

/** What all commands are given. */
export interface Options extends ClusterOptions {
  readonly form: Form;
  /** `path=value`, as `signpost render --set` takes them. */
  readonly set: readonly string[];
  /** In place of the values' `module.url`. */
  readonly image?: string;
  /** In place of a look at where the module is, in hexadecimal. */
  readonly sha256?: string;
  readonly plainHttp: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly forceConflicts: boolean;
  readonly rollback: boolean;
  /** In milliseconds. */
  readonly timeout: number;
  /** Addresses of Envoys' admin interfaces, to ask instead of the gateway's pods. */
  readonly admin?: readonly string[];
}

/** The milliseconds of a duration such as `90s` or `2m`; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (unit === "m" ? 60_000 : unit === "s" ? 1000 : 1);
}
