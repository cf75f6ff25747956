import { HOUR, SECOND } from "./duration";
import { Fields } from "./fields";
import { Value } from "./value";

/** More often than the proxy's clock ticks here, nothing can be asked. */
const LEAST_POLL: i64 = 100;

/** Following purges that are made elsewhere. */
export class InvalidationConfig {
  /** How often Redis is asked for new ones, in milliseconds. */
  poll: i64 = SECOND;

  /** The section `invalidation`; null when it is not given. `hasWebdis` is whether the section `webdis` is. */
  static read(value: Value, hasWebdis: bool): InvalidationConfig | null {
    const fields = Fields.of(value);
    if (!fields) return null;
    const config = new InvalidationConfig();
    config.poll = fields.get("poll").duration(config.poll, LEAST_POLL, HOUR);
    fields.finish();
    if (!hasWebdis) value.refuse('needs the section "webdis"');
    return config;
  }
}
