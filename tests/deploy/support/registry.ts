import { writeFileSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { Part } from "../../../envoy-local/lib/part.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { removeDirectory, scratchDirectory } from "../../../envoy-local/lib/scratch.ts";

/** Debian's container registry, which keeps its images in a folder of `directory`. */
function registryPart(directory: string): Part {
  const configFile = `${directory}/registry.json`;
  return new Part({
    name: "registry",
    directory,
    findsPort: true,
    program: (port) => {
      const config = {
        version: 0.1,
        storage: { filesystem: { rootdirectory: `${directory}/images` }, delete: { enabled: true } },
        http: { addr: `${LOOPBACK}:${port}` },
      };
      writeFileSync(configFile, JSON.stringify(config)); // JSON is YAML
      return { command: "docker-registry", args: ["serve", configFile] };
    },
    ready: ({ log, signal }) =>
      until(signal, () => {
        const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(log.sinceStart()) ?? [];
        return Promise.resolve(port === undefined ? undefined : Number(port));
      }),
  });
}

/** A registry for the tests of one file. */
export interface TestRegistry {
  /** As images name it. */
  readonly host: string;
  readonly part: Part;
  /** Holds its images and its log. */
  readonly directory: string;
}

/** Starts a registry before the tests of a file and stops it after them. */
export function useRegistry(): TestRegistry {
  const directory = scratchDirectory();
  const part = registryPart(directory);
  beforeAll(() => part.start());
  afterAll(async () => {
    await part.stop();
    removeDirectory(directory);
  });
  return {
    part,
    directory,
    get host() {
      return `${LOOPBACK}:${part.port}`;
    },
  };
}
