import { NONE, Slice, release } from "as-bytes/assembly";
import { JsonKind } from "as-strict-json/assembly";
import { HeaderUse, readHeaderName } from "./header-name";
import { Fields } from "./fields";
import { Value } from "./value";

/** Whether everything is decided and nothing done, and where a filter before this one has put what it changed. */
export class ShadowConfig {
  isOn: bool = false;
  /** The header with the path and query that the client sent; `NONE`: nobody has changed them. */
  path: Slice = NONE;
  /** The header with the host that the client asked for; `NONE`: nobody has changed it. */
  host: Slice = NONE;

  static read(value: Value): ShadowConfig {
    const config = new ShadowConfig();
    if (value.kind != JsonKind.Object) {
      config.isOn = value.bool(false);
      return config;
    }
    const fields = Fields.of(value);
    if (!fields) return config;
    if (!fields.has("path") && !fields.has("host")) value.refuse("neither path nor host (true: without them)");
    config.isOn = true;
    config.path = readHeaderName(fields.get("path"), HeaderUse.Read);
    config.host = readHeaderName(fields.get("host"), HeaderUse.Read);
    fields.finish();
    return config;
  }

  dispose(): void {
    release(this.path);
    release(this.host);
    this.path = NONE;
    this.host = NONE;
  }
}
