import { NONE, Slice, persist, release } from "as-bytes/assembly";
import { isValidBuiltPath } from "../text/url";
import { UpstreamConfig } from "./upstream-config";
import { Fields } from "./fields";
import { Value } from "./value";

/** Where spans go, as OTLP over HTTP. */
export class TracingConfig extends UpstreamConfig {
  path: Slice = NONE;
  /** The `service.name` of the spans. */
  service: string = "signpost";

  /** The section `tracing`; null when it is not given. */
  static read(value: Value): TracingConfig | null {
    const fields = Fields.of(value);
    if (!fields) return null;
    const config = new TracingConfig();
    config.readUpstream(fields);
    const path = fields.get("path");
    config.path = persist(path.nonEmptyText("/v1/traces"));
    if (!isValidBuiltPath(config.path)) path.refuse(path.quoted + " is not a path (use e.g. /v1/traces)");
    config.service = fields.get("service").nonEmptyText(config.service);
    fields.finish();
    return config;
  }

  dispose(): void {
    super.dispose();
    release(this.path);
    this.path = NONE;
  }
}
