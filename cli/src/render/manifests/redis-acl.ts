import { databaseOf, keyPrefix } from "../roles.ts";
import type { RedisValues, Values } from "../values/values.ts";
import { SECRET_KEYS, WEBDIS_COMMANDS } from "./webdis.ts";

/** A password: the variable it is in, and its key in the Secret. */
interface Password {
  readonly user: string;
  readonly variable: string;
  readonly key: string;
}

export function passwordVariables(redis: RedisValues): Password[] {
  return [
    { user: "admin", variable: "ADMIN_PASSWORD", key: SECRET_KEYS.admin },
    { user: "webdis", variable: "WEBDIS_PASSWORD", key: SECRET_KEYS.redis },
    ...redis.writers.map(({ name }) => ({
      user: name,
      variable: `${name.toUpperCase().replaceAll("-", "_")}_PASSWORD`,
      key: `${name}-password`,
    })),
  ];
}

/** A script for `sh` that writes Redis' ACL file to $USERS_FILE, from the passwords in its environment. */
export function aclScript(values: Values, redis: RedisValues): string {
  const variables = new Map(passwordVariables(redis).map(({ user, variable }) => [user, variable]));
  const lines = usersOf(values, redis).map(({ name, rules }) => {
    const variable = variables.get(name);
    const access = variable === undefined ? rules[0] : `on #$(digest "$${variable}")`;
    const others = variable === undefined ? rules.slice(1) : rules;
    return `user ${name} ${[access, ...others].join(" ")}`;
  });
  return `umask 077
digest() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }
cat >"$USERS_FILE" <<END
${lines.join("\n")}
END
`;
}

interface User {
  readonly name: string;
  readonly rules: readonly string[];
}

/**
 * Who may do what in Redis. Webdis reaches the filter's keys with the filter's commands and nothing else; who writes routes
 * controls where requests go, so each writer has its own keys only.
 */
function usersOf(values: Values, redis: RedisValues): User[] {
  const prefix = globLiteral(keyPrefix(values.config));
  const select = databaseOf(values.config) === 0 ? [] : ["+select"];
  const commands = WEBDIS_COMMANDS.map((command) => `+${command.toLowerCase()}`);
  return [
    { name: "default", rules: ["off"] },
    { name: "probe", rules: ["on nopass", "resetkeys", "resetchannels", "-@all", "+ping"] },
    { name: "admin", rules: ["allkeys", "allchannels", "+@all"] },
    { name: "webdis", rules: [`~${shellText(prefix)}*`, "resetchannels", "-@all", ...commands, ...select] },
    ...redis.writers.map(({ name, keys }) => ({
      name,
      rules: [
        ...keys.map((key) => `~${shellText(prefix + key)}`),
        ...["resetchannels", "-@all", "+psetex", "+set", "+del", "+hello", "+ping", ...select],
      ],
    })),
  ];
}

/** A text that Redis' patterns match only literally. */
function globLiteral(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}

/** A text as it stands in a here-document that expands variables. */
function shellText(text: string): string {
  return text.replace(/[\\$`]/g, "\\$&");
}
