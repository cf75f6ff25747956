import { Slice, copy, release } from "as-bytes/assembly";
import { JsonPointer } from "as-strict-json/assembly";
import { Match } from "../request/match";
import { Needs } from "../request/needs";
import { Template } from "../request/template";
import { isLookupName, isTemplateWord } from "../request/template-words";
import { Action, FailureActions } from "./action";
import { ApplyConfig } from "./apply-config";
import { Fields } from "./fields";
import { HeaderUse, hasName, readHeaderNames } from "./header-name";
import { LocalConfig } from "./local-config";
import { readMatch } from "./match-config";
import { ServiceConfig } from "./service-config";
import { TemplateReader } from "./template-reader";
import { Value } from "./value";

/** Names are parts of metric names, log lines and headers. */
const MAX_NAME: i32 = 64;

/** A lookup: for which requests, under which key, who is asked, and what is done with the answer. */
export class LookupConfig {
  name: string = "";
  match: Match = new Match();
  /** The key in Redis, without the key prefix, and in the local store; see `Encoding.Key`. */
  key: Template = TemplateReader.nothing();
  /** Whether Redis is asked. */
  webdis: bool = false;
  /** Who is asked when Redis does not know; null for nobody. */
  service: ServiceConfig | null = null;
  /** What workers keep; null where they keep nothing. */
  local: LocalConfig | null = null;
  /** Null where records say themselves what they do. */
  apply: ApplyConfig | null = null;
  /** The ways to the values that are taken out of a record when it arrives; the first `keptValues` are kept of it. */
  values: Array<JsonPointer> = [];
  keptValues: i32 = 0;
  /** Whether the key, what the service is asked, or the path that is made use the request's path. */
  usesPath: bool = false;
  /** Whether templates of later lookups use values of its records. */
  isReadLater: bool = false;
  /** The headers that clients may not send, because upstreams trust them: `owns` and those that `apply` sets. */
  owns: Array<Slice> = [];
  /** What becomes of a request for which there is no record. */
  onMiss: Action = new Action();
  /** What becomes of a request for which no tier could answer, unless `onErrorByClass` says it. */
  onError: Action = new Action();
  /** Null where the class of the failure makes no difference. */
  onErrorByClass: FailureActions | null = null;

  /** What has to be read of every request; a set of `Needs`. A call to the service may need more. */
  get needs(): i32 {
    const apply = this.apply;
    return this.match.needs | this.key.needs | (apply ? apply.needs : 0);
  }

  /** An element of `lookups`. `hasWebdis` is whether the section `webdis` is given, `earlier` the lookups before it. */
  static read(value: Value, hasWebdis: bool, earlier: Array<LookupConfig>): LookupConfig {
    const config = new LookupConfig();
    const fields = Fields.of(value);
    if (!fields) return config;
    const templates = new TemplateReader(namesOf(earlier));
    config.name = readName(fields.get("name"), earlier);
    config.match = readMatch(fields.get("match"));
    config.key = templates.key(fields.get("key"));
    config.readTiers(value, fields, templates, hasWebdis);
    config.apply = ApplyConfig.read(fields.get("apply"), templates);
    config.readOwned(fields.get("owns"));
    config.onMiss = Action.read(fields.get("onMiss"));
    config.readOnError(fields.get("onError"));
    fields.finish();
    config.match.wantsRest = config.usesRest;
    config.usesPath = config.takesPath;
    return config;
  }

  dispose(): void {
    this.match.dispose();
    this.key.dispose();
    const service = this.service;
    if (service) service.dispose();
    const apply = this.apply;
    if (apply) apply.dispose();
    for (let i = 0; i < this.owns.length; i++) release(this.owns[i]);
    this.owns = [];
    this.onMiss.dispose();
    this.onError.dispose();
    const byClass = this.onErrorByClass;
    if (byClass) byClass.dispose();
  }

  private readTiers(value: Value, fields: Fields, templates: TemplateReader, hasWebdis: bool): void {
    const webdis = fields.get("webdis");
    this.webdis = webdis.bool(hasWebdis);
    this.service = ServiceConfig.read(fields.get("service"), templates, this.webdis);
    this.local = LocalConfig.read(fields.get("local"));
    if (this.webdis && !hasWebdis) webdis.refuse('needs the section "webdis"');
    // What a worker keeps comes from one of the other two.
    if (!this.webdis && !fields.has("service")) value.refuse("nobody to ask (give it a service, or webdis)");
  }

  private readOnError(value: Value): void {
    const byClass = FailureActions.read(value);
    this.onErrorByClass = byClass;
    this.onError = byClass ? byClass.otherwise : Action.read(value);
  }

  private readOwned(value: Value): void {
    this.owns = readHeaderNames(value, HeaderUse.Set);
    const apply = this.apply;
    if (!apply) return;
    for (let i = 0; i < apply.headers.length; i++) {
      const name = apply.headers[i].name;
      if (!hasName(this.owns, name)) this.owns.push(copy(name));
    }
  }

  private get takesPath(): bool {
    const service = this.service;
    const apply = this.apply;
    const path: Template | null = apply ? apply.path : null;
    return this.key.usesPath || (service != null && service.usesPath) || (path != null && path.usesPath);
  }

  private get usesRest(): bool {
    let needs = this.key.needs;
    const service = this.service;
    if (service) needs |= service.needs;
    const apply = this.apply;
    if (apply) needs |= apply.needs;
    return (needs & Needs.REST) != 0;
  }
}

/** A name that is none of the earlier lookups'; empty after an error. */
function readName(value: Value, earlier: Array<LookupConfig>): string {
  const name = value.requiredText("a name such as route", MAX_NAME);
  if (name.length == 0) return name;
  if (!isLookupName(name)) value.refuse(value.quoted + " is not a name (letters a-z, digits and -, a letter first)");
  else if (isTemplateWord(name)) value.refuse(value.quoted + " is a word of templates (use another name)");
  for (let i = 0; i < earlier.length; i++) {
    if (earlier[i].name == name) value.refuse(`${value.quoted} is the name of lookups[${i.toString()}], too`);
  }
  return name;
}

function namesOf(lookups: Array<LookupConfig>): Array<string> {
  const names: Array<string> = [];
  for (let i = 0; i < lookups.length; i++) names.push(lookups[i].name);
  return names;
}
