import { NONE, Slice, lengthOf, release } from "as-bytes/assembly";
import { JsonDocument } from "as-strict-json/assembly";
import { Needs, needsManyHeaders } from "../request/needs";
import { NOTHING_TO_DO, adviceOn } from "./advice";
import { ConfigErrors } from "./errors";
import { fingerprintOf } from "./fingerprint";
import { HeaderUse, readHeaderName } from "./header-name";
import { identityOf, identityOfResponses } from "./identity";
import { InvalidationConfig } from "./invalidation-config";
import { LookupConfig } from "./lookup-config";
import { ResponseCacheConfig } from "./response-cache-config";
import { assignRecordValues } from "./record-values";
import { MIB, formatSize } from "./size";
import { ShadowConfig } from "./shadow-config";
import { TracingConfig } from "./tracing-config";
import { refuseUnsupported } from "./unsupported";
import { Fields } from "./fields";
import { Value } from "./value";
import { WebdisConfig } from "./webdis-config";

const MAX_JSON_BYTES: i32 = 1024 * 1024;
const MAX_JSON_DEPTH: i32 = 32;

/** Every request passes all of them. */
const MOST_LOOKUPS: i32 = 64;

/**
 * All stores of a configuration together. Proxies give a VM one GiB; there is more in it than stores, blocks of many
 * sizes leave gaps, and during an update the stores of two configurations are in it.
 */
const MOST_STORED: i64 = 384 * MIB;

/** A compiled configuration. What requests need of it is bytes outside the collector: whoever holds it disposes of it. */
export class Config {
  /** How to reach Redis; null where nothing does. */
  webdis: WebdisConfig | null = null;
  /** In the order in which requests pass them. */
  lookups: Array<LookupConfig> = [];
  responseCache: ResponseCacheConfig | null = null;
  invalidation: InvalidationConfig | null = null;
  tracing: TracingConfig | null = null;
  /** The response header that says what the lookups did, in lower case; `NONE` where none does. */
  debugHeader: Slice = NONE;
  shadowMode: ShadowConfig = new ShadowConfig();
  /** Of the whole text; see `fingerprintOf`. */
  fingerprint: u64 = 0;

  /** Whether everything is decided and nothing done. */
  get shadow(): bool {
    return this.shadowMode.isOn;
  }

  /** Whether a request's headers are best read all at once. */
  get needsManyHeaders(): bool {
    let needs = Needs.NOTHING;
    for (let i = 0; i < this.lookups.length; i++) needs |= this.lookups[i].needs;
    return needsManyHeaders(needs);
  }

  /** Whether the filter writes to Redis. */
  get writes(): bool {
    const responseCache = this.responseCache;
    return this.fills || (responseCache != null && responseCache.shared);
  }

  /** Whether a lookup leaves it to the filter to store the service's answers in Redis. */
  private get fills(): bool {
    for (let i = 0; i < this.lookups.length; i++) {
      const service = this.lookups[i].service;
      if (service && service.fill) return true;
    }
    return false;
  }

  /** What a lookup's stored answers are good for; see `identityOf`. */
  identityOf(lookup: LookupConfig): string {
    return identityOf(lookup, this.webdis);
  }

  /** What stored responses are good for; see `identityOfResponses`. */
  identityOfResponses(cache: ResponseCacheConfig): string {
    return identityOfResponses(cache, this.webdis);
  }

  dispose(): void {
    const webdis = this.webdis;
    if (webdis) webdis.dispose();
    for (let i = 0; i < this.lookups.length; i++) this.lookups[i].dispose();
    const responseCache = this.responseCache;
    if (responseCache) responseCache.dispose();
    const tracing = this.tracing;
    if (tracing) tracing.dispose();
    release(this.debugHeader);
    this.debugHeader = NONE;
    this.shadowMode.dispose();
  }
}

/** A configuration, or everything that is wrong with it. */
export class ConfigResult {
  constructor(
    /** Null when there are errors. */
    readonly config: Config | null,
    /** Each as `lookups[0].service.timeout: "5x" is not a duration (use e.g. 250ms, 1m30s)`. */
    readonly errors: Array<string>,
    /** What is valid and still likely a mistake; in the same form. */
    readonly warnings: Array<string> = [],
  ) {}
}

/** Compiles a `pluginConfig`. No text is the empty configuration, which is valid and does nothing. */
export function parseConfig(json: Slice): ConfigResult {
  if (lengthOf(json) == 0) return new ConfigResult(new Config(), [], [NOTHING_TO_DO]);
  const errors = new ConfigErrors();
  const document = new JsonDocument();
  const config = new Config();
  if (document.parse(json, MAX_JSON_BYTES, MAX_JSON_DEPTH)) {
    readConfig(config, new Value(document, document.root, "", errors));
    config.fingerprint = fingerprintOf(document, document.root);
  } else {
    errors.add("", `not JSON: ${document.error} (line ${document.errorLine}, column ${document.errorColumn})`);
  }
  document.dispose();
  if (errors.count == 0) return new ConfigResult(config, [], adviceOn(config.lookups, config.responseCache));
  config.dispose();
  return new ConfigResult(null, errors.list());
}

function readConfig(config: Config, root: Value): void {
  const fields = Fields.of(root);
  if (!fields) return;
  const hasWebdis = fields.has("webdis");
  config.webdis = WebdisConfig.read(fields.get("webdis"));
  readLookups(config, fields.get("lookups"), hasWebdis);
  config.responseCache = ResponseCacheConfig.read(fields.get("responseCache"), hasWebdis);
  config.invalidation = InvalidationConfig.read(fields.get("invalidation"), hasWebdis);
  config.tracing = TracingConfig.read(fields.get("tracing"));
  config.debugHeader = readHeaderName(fields.get("debugHeader"), HeaderUse.Set);
  config.shadowMode = ShadowConfig.read(fields.get("shadow"));
  fields.finish();
  checkStoredBytes(config, root);
  assignRecordValues(config.lookups);
  refuseUnsupported(root);
}

function readLookups(config: Config, list: Value, hasWebdis: bool): void {
  const items = list.items(MOST_LOOKUPS);
  for (let i = 0; i < items.length; i++) {
    config.lookups.push(LookupConfig.read(items[i], hasWebdis, config.lookups));
  }
}

function checkStoredBytes(config: Config, root: Value): void {
  let bytes: i64 = 0;
  for (let i = 0; i < config.lookups.length; i++) {
    const local = config.lookups[i].local;
    if (local) bytes += local.maxBytes;
  }
  const responseCache = config.responseCache;
  if (responseCache) bytes += responseCache.local.maxBytes;
  if (bytes <= MOST_STORED) return;
  root.refuse(
    `local.maxBytes of all lookups and the response cache: ${formatSize(bytes)} together (at most ${formatSize(MOST_STORED)})`,
  );
}
