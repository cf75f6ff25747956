import { parsePort } from "./parse-callouts.ts";
import { RULES } from "./text-rules.ts";
import type { ValueReader } from "./value-reader.ts";
import type { RedisValues, RedisWriter, WebdisValues } from "./values.ts";

/** Users that the rendered Redis has anyway, and whose passwords' keys in the Secret would be the same. */
const OWN_USERS = ["default", "webdis", "probe", "admin", "redis", "redis-admin"];

export function parseWebdis(value: ValueReader): WebdisValues | undefined {
  if (!value.isGiven) return undefined;
  return value.object((field) => {
    const redis = field("redis");
    return {
      image: field("image").requiredText(RULES.image),
      replicas: field("replicas").integer(1, 100) ?? 2,
      memory: field("memory").text(RULES.memory) ?? "128Mi",
      redis: redis.isGiven
        ? redis.object((of) => ({
            host: of("host").requiredText(RULES.host),
            port: parsePort(of("port")),
            username: of("username").text(RULES.name) ?? "webdis",
          }))
        : undefined,
    };
  });
}

export function parseRedis(value: ValueReader): RedisValues | undefined {
  if (!value.isGiven) return undefined;
  return value.object((field) => ({
    image: field("image").requiredText(RULES.image),
    memory: field("memory").text(RULES.memory) ?? "256Mi",
    storage: field("storage").text(RULES.memory),
    writers: parseWriters(field("writers")),
  }));
}

function parseWriters(value: ValueReader): RedisWriter[] {
  const seen = new Set<string>();
  return value.list().map((item) => {
    const writer = parseWriter(item);
    if (seen.has(writer.name)) item.refuse(`${writer.name} is given twice`);
    seen.add(writer.name);
    return writer;
  });
}

function parseWriter(value: ValueReader): RedisWriter {
  return value.object((field) => {
    const name = field("name").requiredText(RULES.name);
    if (OWN_USERS.includes(name))
      field("name").refuse(`${name} is taken: another user, or its password, has this name`);
    const keys = field("keys").require("the keys it writes, such as [route:*]").list(1);
    return {
      name,
      keys: keys.map((key) => key.requiredText(RULES.keyPattern)),
      namespace: field("namespace").requiredText(RULES.namespace),
      labels: field("labels").require("the labels of its pods").labels(RULES.labelValue),
    };
  });
}
