import { NONE, Slice, persist, release } from "as-bytes/assembly";
import { Template } from "../request/template";
import { MINUTE, YEAR } from "./duration";
import { Fields } from "./fields";
import { HeaderTemplate, addHeaderTemplate, needsOfHeaders } from "./header-template";
import { compileMethod } from "./match-config";
import { KIB } from "./size";
import { TemplateReader } from "./template-reader";
import { TierConfig } from "./upstream-config";
import { Value } from "./value";

const TIMEOUT: i64 = 250;

/** The largest answer, which is a record. */
const MAX_ANSWER: i64 = 64 * KIB;

/** The service that knows what Redis does not, and how to ask it. */
export class ServiceConfig extends TierConfig {
  method: Slice = NONE;
  /** The path to ask; see `Encoding.ServicePath`. */
  path: Template = TemplateReader.nothing();
  /** What the request carries beside the pseudo-headers; one whose value is missing is left out. */
  headers: Array<HeaderTemplate> = [];
  /** A longer answer is invalid. */
  maxBytes: i32 = <i32>MAX_ANSWER;
  /** Whether the answer is written to Redis here, and not by the service. */
  fill: bool = false;
  /** How long Redis keeps an answer without a `ttl` of its own, in milliseconds. */
  fillTtl: i64 = 5 * MINUTE;

  constructor() {
    super(TIMEOUT);
  }

  /** The section `service` of a lookup, whose `webdis` is `hasRedis`; null when it is not given. */
  static read(value: Value, templates: TemplateReader, hasRedis: bool): ServiceConfig | null {
    const fields = Fields.of(value);
    if (!fields) return null;
    const config = new ServiceConfig();
    config.readTier(fields);
    config.readRequest(fields, templates);
    config.maxBytes = <i32>fields.get("maxBytes").size(<i64>config.maxBytes, KIB, MAX_ANSWER);
    const fill = fields.get("fill");
    config.fill = fill.bool(config.fill);
    if (config.fill && !hasRedis) fill.refuse("needs webdis, which this lookup does not ask");
    config.fillTtl = fields.get("fillTtl").duration(config.fillTtl, 1, YEAR);
    fields.finish();
    return config;
  }

  /** What has to be read of a request to ask for it; a set of `Needs`. */
  get needs(): i32 {
    return this.path.needs | needsOfHeaders(this.headers);
  }

  /** Whether what is asked depends on the request's path. */
  get usesPath(): bool {
    for (let i = 0; i < this.headers.length; i++) {
      if (this.headers[i].value.usesPath) return true;
    }
    return this.path.usesPath;
  }

  dispose(): void {
    super.dispose();
    release(this.method);
    this.method = NONE;
    this.path.dispose();
    for (let i = 0; i < this.headers.length; i++) this.headers[i].dispose();
    this.headers = [];
  }

  private readRequest(fields: Fields, templates: TemplateReader): void {
    const method = fields.get("method");
    this.method = compileMethod(method.nonEmptyText("GET"), method);
    this.path = templates.servicePath(fields.get("path"));
    this.headers = readHeaders(fields.get("headers"), templates);
  }
}

function readHeaders(value: Value, templates: TemplateReader): Array<HeaderTemplate> {
  const headers: Array<HeaderTemplate> = [];
  const fields = Fields.of(value);
  if (!fields) return headers;
  for (let i = 0; i < fields.names.length; i++) {
    const member = fields.member(fields.names[i]);
    addHeaderTemplate(headers, fields.names[i], member, templates.serviceHeader(member));
  }
  return headers;
}
