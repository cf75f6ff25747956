import type { Finding } from "../finding.ts";
import type { Instance } from "../instance.ts";
import { credentialsFor } from "./credentials.ts";
import { probeWebdis } from "./probe.ts";

/** Examines the Webdis at an address as each of the filters sees it; undefined where none of them has one. */
export async function probeAll(
  address: URL,
  instances: readonly Instance[],
  given: readonly string[],
  own: NodeJS.ProcessEnv,
): Promise<Finding[] | undefined> {
  const findings: Finding[] = [];
  const probed = new Set<string>();
  for (const { configuration, message } of instances) {
    const { webdis } = configuration;
    if (webdis === undefined) continue;
    const credentials = credentialsFor(webdis, { given, vm: message.environment, own });
    // Two plugins of one gateway mostly share what they say of Webdis.
    const key = JSON.stringify([webdis, credentials]);
    if (probed.has(key)) continue;
    probed.add(key);
    findings.push(...(await probeWebdis(address, webdis, credentials)));
  }
  return probed.size === 0 ? undefined : findings;
}
