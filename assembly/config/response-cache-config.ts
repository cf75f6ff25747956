import { NONE, Slice, persist, release } from "as-bytes/assembly";
import { Match, Pattern } from "../request/match";
import { HOUR, SECOND, YEAR } from "./duration";
import { HeaderUse, readHeaderName, readHeaderNames } from "./header-name";
import { StoreBounds } from "./local-config";
import { readMatch } from "./match-config";
import { KIB, MIB } from "./size";
import { Fields } from "./fields";
import { Value } from "./value";

const DEFAULT_TAGS_HEADER: string = "surrogate-key";

/** What CORS lets a response depend on, whether its `Vary` says so or not. */
const DEFAULT_KEY_HEADER: string = "origin";

/** The response cache. Times are milliseconds. */
export class ResponseCacheConfig {
  match: Match = new Match();
  /** The names of query parameters that make no difference; partial ones are prefixes. */
  ignoredQuery: Array<Pattern> = [];
  /** The headers whose values make a difference beside what `Vary` says. */
  keyHeaders: Array<Slice> = [];
  /** Whether responses are stored in Redis, too. */
  shared: bool = false;
  readonly local: StoreBounds = new StoreBounds(10_000, 32 * MIB);
  /** Larger bodies are not stored. */
  maxBodyBytes: i64 = MIB;
  /** The percentage of Date − Last-Modified that a response is fresh for where nothing says it; 0 for never. */
  heuristic: f64 = 10;
  /** How long a response is fresh where nothing else gives freshness. */
  defaultTtl: i64 = 0;
  /** RFC 5861, where the response does not say. */
  staleWhileRevalidate: i64 = 0;
  /** RFC 5861, where the response does not say. */
  staleIfError: i64 = 0;
  /** How long a request waits for the response to another one like it. */
  collapseWait: i64 = 2 * SECOND;
  /** The response header with the tags to purge by. */
  tagsHeader: Slice = NONE;

  /** The section `responseCache`; null when it is not given. `hasWebdis` is whether the section `webdis` is. */
  static read(value: Value, hasWebdis: bool): ResponseCacheConfig | null {
    const fields = Fields.of(value);
    if (!fields) return null;
    const config = new ResponseCacheConfig();
    config.match = readMatch(fields.get("match"));
    config.readKey(fields.get("key"));
    const shared = fields.get("shared");
    config.shared = shared.bool(hasWebdis);
    if (config.shared && !hasWebdis) shared.refuse('needs the section "webdis"');
    const local = Fields.of(fields.get("local"));
    if (local) {
      config.local.readBounds(local);
      local.finish();
    }
    config.maxBodyBytes = fields.get("maxBodyBytes").size(config.maxBodyBytes, KIB, 64 * MIB);
    config.heuristic = fields.get("heuristic").percentage(config.heuristic);
    config.defaultTtl = fields.get("defaultTtl").duration(config.defaultTtl, 0, YEAR);
    config.staleWhileRevalidate = fields.get("staleWhileRevalidate").duration(config.staleWhileRevalidate, 0, YEAR);
    config.staleIfError = fields.get("staleIfError").duration(config.staleIfError, 0, YEAR);
    config.readCollapse(fields.get("collapse"));
    config.readTagsHeader(fields.get("tagsHeader"));
    fields.finish();
    return config;
  }

  dispose(): void {
    this.match.dispose();
    for (let i = 0; i < this.ignoredQuery.length; i++) this.ignoredQuery[i].dispose();
    for (let i = 0; i < this.keyHeaders.length; i++) release(this.keyHeaders[i]);
    this.ignoredQuery = [];
    this.keyHeaders = [];
    release(this.tagsHeader);
    this.tagsHeader = NONE;
  }

  private readKey(value: Value): void {
    const fields = Fields.of(value);
    if (!fields) {
      this.keyHeaders = [persist(DEFAULT_KEY_HEADER)];
      return;
    }
    const query = Fields.of(fields.get("query"));
    if (query) {
      this.ignoredQuery = readNamePatterns(query.get("ignore"));
      query.finish();
    }
    const headers = fields.get("headers");
    this.keyHeaders = headers.isGiven ? readHeaderNames(headers, HeaderUse.Read) : [persist(DEFAULT_KEY_HEADER)];
    fields.finish();
  }

  private readCollapse(value: Value): void {
    const fields = Fields.of(value);
    if (!fields) return;
    this.collapseWait = fields.get("wait").duration(this.collapseWait, 0, HOUR);
    fields.finish();
  }

  private readTagsHeader(value: Value): void {
    this.tagsHeader = value.isGiven ? readHeaderName(value, HeaderUse.Set) : persist(DEFAULT_TAGS_HEADER);
  }
}

function readNamePatterns(list: Value): Array<Pattern> {
  const patterns: Array<Pattern> = [];
  const items = list.items();
  for (let i = 0; i < items.length; i++) {
    const text = items[i].nonEmptyText("");
    if (text.length == 0) continue;
    const isPartial = text.endsWith("*");
    patterns.push(new Pattern(persist(isPartial ? text.substring(0, text.length - 1) : text), isPartial));
  }
  return patterns;
}
