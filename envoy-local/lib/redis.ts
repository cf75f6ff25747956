import { createClient } from "redis";
import { Part } from "./part.ts";
import { LOOPBACK } from "./ports.ts";
import { HARNESS_ROOT } from "./project.ts";
import { until } from "./readiness.ts";

/**
 * The users of `redis-users.acl`. Webdis is the user `default`, confined to the keys `signpost:*` and the five commands
 * the filter needs: Debian's Webdis 0.1.9 sends the one-argument AUTH, which always means that user.
 */
export const REDIS_USERS = {
  admin: { username: "admin", password: "local-admin" },
  routingService: { username: "routing-service", password: "local-routing-service" },
} as const;

/** A Redis without persistence. */
export function redisPart(directory: string): Part {
  return new Part({
    name: "redis",
    directory,
    findsPort: false,
    program: (port) => ({
      command: "redis-server",
      args: [
        ...["--bind", LOOPBACK, "--port", String(port)],
        ...["--dir", directory, "--save", "", "--appendonly", "no"],
        ...["--aclfile", `${HARNESS_ROOT}redis-users.acl`],
      ],
    }),
    ready: ({ log, port, signal }) =>
      // Its own words: a probe could be answered by another Redis that took the port first.
      until(signal, () => Promise.resolve(log.sinceStart().includes("Ready to accept connections") ? port : undefined)),
  });
}

/** The address of a user of the Redis on `port`. */
export function redisUrl(port: number, user: keyof typeof REDIS_USERS): string {
  const { username, password } = REDIS_USERS[user];
  return `redis://${username}:${password}@${LOOPBACK}:${port}`;
}

function adminClient(port: number) {
  return createClient({ url: redisUrl(port, "admin") });
}

export type RedisAdmin = ReturnType<typeof adminClient>;

/** Connects to the Redis on `port` as a user who may do everything; the caller closes the connection. */
export async function connectAsAdmin(port: number): Promise<RedisAdmin> {
  const client = adminClient(port);
  // Tests take Redis away on purpose; what a command needs to know it gets from its own rejection.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
