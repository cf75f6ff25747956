import { nodeProgram } from "./node-program.ts";
import type { Part } from "./part.ts";
import { redisUrl } from "./redis.ts";

/**
 * The sample routing service, which writes to the Redis on `redisPort`.
 *
 * @param env beside the addresses; `DATABASE_URL` for another database than the embedded one in memory
 */
export function routingServicePart(
  directory: string,
  redisPort: () => number,
  env: Readonly<Record<string, string>> = {},
): Part {
  return nodeProgram({
    name: "routing-service",
    directory,
    script: "envoy-local/routing-service/server.ts",
    env: () => ({ REDIS_URL: redisUrl(redisPort(), "routingService"), ...env }),
  });
}
