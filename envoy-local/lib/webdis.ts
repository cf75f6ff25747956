import { readFileSync, writeFileSync } from "node:fs";
import { Part } from "./part.ts";
import { LOOPBACK } from "./ports.ts";
import { HARNESS_ROOT } from "./project.ts";
import { until } from "./readiness.ts";

/** Who may use Webdis at all: the HTTP basic auth of `webdis.json`. */
export const WEBDIS_CREDENTIALS = { username: "signpost", password: "local-webdis" } as const;

/** A Webdis in front of the Redis on `redisPort`, configured by `webdis.json` but for the addresses. */
export function webdisPart(directory: string, redisPort: () => number): Part {
  const configFile = `${directory}/webdis.json`;
  return new Part({
    name: "webdis",
    directory,
    findsPort: false,
    program: (port) => {
      const shipped = JSON.parse(readFileSync(`${HARNESS_ROOT}webdis.json`, "utf8")) as Record<string, unknown>;
      const addresses = { redis_host: LOOPBACK, redis_port: redisPort(), http_host: LOOPBACK, http_port: port };
      writeFileSync(configFile, JSON.stringify({ ...shipped, ...addresses }));
      return { command: "webdis", args: [configFile] };
    },
    ready: ({ log, port, signal }) =>
      until(signal, () => Promise.resolve(log.sinceStart().includes("up and running") ? port : undefined)),
  });
}
