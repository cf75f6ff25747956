import { UsageError } from "../../explain/usage-error.ts";
import type { WebdisFacts } from "../configuration.ts";
import type { Credentials } from "./probe.ts";

/** Where a password may come from. */
export interface PasswordSources {
  /** `NAME=VALUE` each, or `NAME` for this command's own. */
  readonly given: readonly string[];
  /** The VM's environment, as far as the proxy's configuration has it. */
  readonly vm: ReadonlyMap<string, string | undefined>;
  /** This command's environment. */
  readonly own: NodeJS.ProcessEnv;
}

/** What the filter sends to Webdis; undefined where it sends no credentials. @throws UsageError without a password */
export function credentialsFor(webdis: WebdisFacts, sources: PasswordSources): Credentials | undefined {
  const { username, password, passwordEnv } = webdis;
  if (username === "") return undefined;
  if (passwordEnv === "") return { username, password };
  const found = givenValue(passwordEnv, sources.given) ?? sources.vm.get(passwordEnv) ?? sources.own[passwordEnv];
  if (found === undefined) {
    throw new UsageError(
      `--webdis: the password is missing: set the environment variable ${passwordEnv}, or give --env ${passwordEnv}=VALUE`,
    );
  }
  return { username, password: found };
}

function givenValue(name: string, given: readonly string[]): string | undefined {
  const entry = given.find((candidate) => candidate.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}
