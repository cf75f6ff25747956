import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../envoy-local/lib/project.ts";

export type Language = "go" | "rust";

/** The filters that there are in each language; they do the same. */
export const FILTERS = ["headers", "auth", "shared"] as const;
export type FilterName = (typeof FILTERS)[number];

/** Filters in a row; each language's filters are tried so. */
export const CHAINS = [["headers"], ["auth"], ["shared"], ["auth", "headers", "shared"]] as const;
export type Chain = (typeof CHAINS)[number];

/** What the filters are configured with: `headers` has it as its header's value. */
export const CONFIGURATION = "blue";

/** The cluster that `auth` asks, and the one path it lets pass. */
export const AUTHORIZER = "backend";
export const ALLOWED = "/allowed";

/** What comes of a request. */
export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** The request as the upstream has got it; undefined where it has not. */
  readonly upstream: Readonly<Record<string, string | undefined>> | undefined;
}

/** A proxy with each of the chains. */
export interface Edge {
  get(chain: Chain, path: string): Promise<Seen>;
  /** What the filters have logged, line by line. */
  log(): string;
  stop(): Promise<void>;
}

/** The filter's module, as tests/sdks/build.sh has built it. */
export function moduleOf(language: Language, name: FilterName): string {
  const path = join(PROJECT_ROOT, ".cache/sdks", language, `${name}.wasm`);
  if (!existsSync(path))
    throw new Error(`no module at ${path}: build it with ./envoy-local/install.sh ${language}-sdk`);
  return path;
}
