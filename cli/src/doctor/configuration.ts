import { at, entriesAt, isObject, listAt, textAt, textsAt } from "./admin/json.ts";

/** What is needed of a configuration of the filter; whether it is valid is the filter's business. */
export interface Configuration {
  readonly lookups: readonly LookupFacts[];
  readonly hasResponseCache: boolean;
  readonly isShadow: boolean;
  readonly webdis: WebdisFacts | undefined;
  /** Clusters it names, and where it names each, as in `lookups[0].service.cluster`. */
  readonly clusters: ReadonlyMap<string, readonly string[]>;
}

export interface LookupFacts {
  readonly name: string;
  /** Patterns of hosts it is for; none: all hosts. */
  readonly hosts: readonly string[];
  /** The cluster of its service; undefined where it has none. */
  readonly service: string | undefined;
}

/** How the filter speaks to Webdis. */
export interface WebdisFacts {
  readonly cluster: string;
  readonly database: number;
  readonly username: string;
  readonly password: string;
  /** The environment variable of the VM with the password; empty where there is none. */
  readonly passwordEnv: string;
  readonly keyPrefix: string;
  /** Whether anything is written to Redis. */
  readonly isWritten: boolean;
}

const DEFAULT_KEY_PREFIX = "signpost:";

/** Reads what is needed out of a configuration's JSON; nothing of a text that is none. */
export function configurationIn(json: string): Configuration {
  const config = parsed(json);
  const cache = at(config, "responseCache");
  return {
    lookups: listAt(config, "lookups").map((lookup) => ({
      name: textAt(lookup, "name") ?? "",
      hosts: textsAt(lookup, "match", "hosts"),
      service: textAt(lookup, "service", "cluster"),
    })),
    hasResponseCache: isObject(cache),
    isShadow: ![undefined, null, false].includes(at(config, "shadow") as null),
    webdis: webdisIn(config),
    clusters: clustersIn(config),
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function webdisIn(config: unknown): WebdisFacts | undefined {
  const webdis = at(config, "webdis");
  if (!isObject(webdis)) return undefined;
  const { database, keyPrefix } = webdis;
  const fills = listAt(config, "lookups").some((lookup) => at(lookup, "service", "fill") === true);
  const cache = at(config, "responseCache");
  return {
    cluster: textAt(webdis, "cluster") ?? "",
    database: typeof database === "number" ? database : 0,
    username: textAt(webdis, "username") ?? "",
    password: textAt(webdis, "password") ?? "",
    passwordEnv: textAt(webdis, "passwordEnv") ?? "",
    keyPrefix: typeof keyPrefix === "string" ? keyPrefix : DEFAULT_KEY_PREFIX,
    isWritten: fills || (isObject(cache) && cache["shared"] !== false),
  };
}

function clustersIn(config: unknown): ReadonlyMap<string, readonly string[]> {
  const clusters = new Map<string, string[]>();
  for (const [path, name] of clusterFields(config, "")) clusters.set(name, [...(clusters.get(name) ?? []), path]);
  return clusters;
}

function* clusterFields(value: unknown, path: string): Generator<[path: string, name: string]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* clusterFields(item, `${path}[${index}]`);
  }
  for (const [name, inner] of entriesAt(value)) {
    const place = path === "" ? name : `${path}.${name}`;
    if (name === "cluster" && typeof inner === "string") yield [place, inner];
    else yield* clusterFields(inner, place);
  }
}
