import { Secrets } from "../explain/secrets.ts";
import type { Instance } from "./instance.ts";

/** The passwords in a proxy's configuration, which no report shows. */
export function secretsOf(instances: readonly Instance[]): Secrets {
  const passwords = instances.map(({ configuration, message }) => {
    const { password = "", passwordEnv = "" } = configuration.webdis ?? {};
    return passwordEnv === "" ? password : (message.environment.get(passwordEnv) ?? "");
  });
  return new Secrets(passwords);
}
