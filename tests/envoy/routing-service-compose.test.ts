import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Envoy } from "../../envoy-local/lib/envoy.ts";
import { originPart } from "../../envoy-local/lib/origin.ts";
import { LOOPBACK } from "../../envoy-local/lib/ports.ts";
import {
  DEFAULT_ENVOY_VERSION,
  FILTER_WASM,
  HARNESS_ROOT,
  requireEnvoy,
  requireFilter,
} from "../../envoy-local/lib/project.ts";
import { redisPart } from "../../envoy-local/lib/redis.ts";
import { routingServicePart } from "../../envoy-local/lib/routing-service.ts";
import { removeDirectory, scratchDirectory, startTogether, stopAll } from "../../envoy-local/lib/scratch.ts";
import { webdisPart } from "../../envoy-local/lib/webdis.ts";
import { takeTour } from "../../envoy-local/tour.ts";

const directory = scratchDirectory();
const redis = redisPart(directory);
const webdis = webdisPart(directory, () => redis.port);
const routingService = routingServicePart(directory, () => redis.port);
const cell1 = originPart("cell-1", directory);
const cell2 = originPart("cell-2", directory);
const envoy = new Envoy({ directory, binary: requireEnvoy(), configuration: composeConfiguration });
const parts = [redis, webdis, routingService, cell1, cell2, envoy];

/** `envoy.yaml` with the addresses of this machine in place of those of the containers. */
function composeConfiguration(): string {
  const loopback = (port: number): string => `address: ${LOOPBACK}, port_value: ${port}`;
  const substitutes: readonly (readonly [string, string])[] = [
    ["address: 0.0.0.0, port_value: 9901", loopback(0)],
    ["address: 0.0.0.0, port_value: 10000", loopback(0)],
    ["address: webdis, port_value: 7379", loopback(webdis.port)],
    ["address: routing-service, port_value: 8080", loopback(routingService.port)],
    ["address: cell-1, port_value: 8081", loopback(cell1.port)],
    ["address: cell-2, port_value: 8081", loopback(cell2.port)],
    ["filename: /app/build/signpost.wasm", `filename: ${requireFilter(FILTER_WASM)}`],
  ];
  return substitutes.reduce((text, [from, to]) => {
    if (!text.includes(from)) {
      throw new Error(`envoy.yaml has no "${from}"`);
    }
    return text.replaceAll(from, to);
  }, shipped("envoy.yaml"));
}

function shipped(file: string): string {
  return readFileSync(`${HARNESS_ROOT}${file}`, "utf8");
}

beforeAll(async () => {
  await redis.start();
  await startTogether([webdis, routingService, cell1, cell2]);
  await envoy.start();
});

afterAll(async () => {
  await stopAll(parts);
  removeDirectory(directory);
});

describe("the compose file's Envoy", () => {
  it("answers the tour as the local harness does", async () => {
    const lines: string[] = [];
    const problems = await takeTour({ envoy: envoy.port, routingService: routingService.port }, (line) =>
      lines.push(line),
    );
    expect(problems, lines.join("\n")).toEqual([]);
  });

  it("is the version the harness runs", () => {
    expect(shipped("docker-compose.yaml")).toContain(`image: envoyproxy/envoy:v${DEFAULT_ENVOY_VERSION}\n`);
  });
});
