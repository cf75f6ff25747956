import { Slice, release, textOf } from "as-bytes/assembly";
import { Template } from "../request/template";
import { Fields } from "./fields";
import { HeaderUse, readHeaderNames } from "./header-name";
import { HeaderTemplate, addHeaderTemplate, needsOfHeaders, setsHeader } from "./header-template";
import { TemplateReader } from "./template-reader";
import { Value } from "./value";

/** What a record does to a request where the configuration says it, and not the record itself. */
export class ApplyConfig {
  /** Null where the path stays. */
  path: Template | null = null;
  /** Null where the host stays. */
  host: Template | null = null;
  headers: Array<HeaderTemplate> = [];
  removeHeaders: Array<Slice> = [];

  /** The section `apply` of a lookup; null when it is not given. */
  static read(value: Value, templates: TemplateReader): ApplyConfig | null {
    const fields = Fields.of(value);
    if (!fields) return null;
    const config = new ApplyConfig();
    config.path = templates.applyPath(fields.get("path"));
    config.host = templates.applyHost(fields.get("host"));
    config.readHeaders(fields.get("headers"), templates);
    config.readRemoved(fields.get("removeHeaders"));
    fields.finish();
    return config;
  }

  /** Everything that is filled in to apply it. */
  get templates(): Array<Template> {
    const templates: Array<Template> = [];
    const path = this.path;
    if (path) templates.push(path);
    const host = this.host;
    if (host) templates.push(host);
    for (let i = 0; i < this.headers.length; i++) templates.push(this.headers[i].value);
    return templates;
  }

  /** Whether some of it depends on the request or on other lookups' records. */
  get needsRequest(): bool {
    const templates = this.templates;
    for (let i = 0; i < templates.length; i++) {
      if (!templates[i].needsOnlyRecord) return true;
    }
    return false;
  }

  /** What has to be read of a request to apply it; a set of `Needs`. */
  get needs(): i32 {
    const path = this.path;
    const host = this.host;
    return (path ? path.needs : 0) | (host ? host.needs : 0) | needsOfHeaders(this.headers);
  }

  dispose(): void {
    const path = this.path;
    if (path) path.dispose();
    const host = this.host;
    if (host) host.dispose();
    for (let i = 0; i < this.headers.length; i++) this.headers[i].dispose();
    for (let i = 0; i < this.removeHeaders.length; i++) release(this.removeHeaders[i]);
    this.headers = [];
    this.removeHeaders = [];
  }

  private readHeaders(list: Value, templates: TemplateReader): void {
    const items = list.items();
    for (let i = 0; i < items.length; i++) {
      const fields = Fields.of(items[i]);
      if (fields) this.readHeader(fields, templates);
    }
  }

  private readHeader(fields: Fields, templates: TemplateReader): void {
    const name = fields.get("name");
    const text = name.requiredText("a header's name");
    const template = templates.applyHeader(fields.get("value"));
    if (text.length > 0) addHeaderTemplate(this.headers, text, name, template);
    else template.dispose();
    fields.finish();
  }

  private readRemoved(list: Value): void {
    this.removeHeaders = readHeaderNames(list, HeaderUse.Set);
    for (let i = 0; i < this.removeHeaders.length; i++) {
      const name = this.removeHeaders[i];
      if (setsHeader(this.headers, name)) list.refuse(`"${textOf(name)}" is set by headers (do one of both)`);
    }
  }
}
