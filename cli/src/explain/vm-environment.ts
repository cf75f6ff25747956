import type { PluginConfigSource } from "../plugin-config/index.ts";
import type { Outline } from "./outline.ts";
import { UsageError } from "./usage-error.ts";

/** Stands in for a password that nobody is asked with. */
const UNKNOWN_VALUE = "no-password-was-given";

/**
 * The environment of the VM: what the manifest says, then what is given as `NAME=VALUE`, or as `NAME` to be taken from
 * `own`. `needsPassword`: whether Webdis is really asked, and so wants the real password.
 */
export function vmEnvironment(
  given: readonly string[],
  { manifest }: PluginConfigSource,
  { passwordEnv }: Outline,
  { needsPassword, own }: { needsPassword: boolean; own: NodeJS.ProcessEnv },
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of manifest?.environment ?? []) {
    if (value !== undefined) environment[name] = value;
  }
  for (const entry of given) {
    const [name, value] = variableOf(entry, own);
    environment[name] = value;
  }
  if (passwordEnv !== "" && environment[passwordEnv] === undefined) {
    if (needsPassword) {
      const how = `--env ${passwordEnv} takes it from the environment of this command`;
      throw new UsageError(`webdis.passwordEnv: the password is missing (${how})`);
    }
    environment[passwordEnv] = UNKNOWN_VALUE;
  }
  return environment;
}

function variableOf(entry: string, own: NodeJS.ProcessEnv): [name: string, value: string] {
  const at = entry.indexOf("=");
  const name = at < 0 ? entry : entry.slice(0, at);
  if (name === "") throw new UsageError(`--env: "${entry}" names no variable (use NAME=VALUE)`);
  const value = at < 0 ? own[name] : entry.slice(at + 1);
  if (value === undefined) throw new UsageError(`--env: there is no environment variable ${name} here`);
  return [name, value];
}
