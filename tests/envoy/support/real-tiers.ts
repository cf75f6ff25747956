import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { send } from "../../../envoy-local/lib/http-client.ts";
import { nodeProgram } from "../../../envoy-local/lib/node-program.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { connectAsAdmin, redisPart, redisUrl, type RedisAdmin } from "../../../envoy-local/lib/redis.ts";
import { webdisPart } from "../../../envoy-local/lib/webdis.ts";
import type { Tenant } from "../../fixtures/route/fixture.ts";

const KEY_PREFIX = "signpost:";

/** What the filter asks: the real Redis behind the real Webdis, and the routing service. */
export class RealTiers {
  /** Holds the files and logs of all parts; it is removed when they are stopped. */
  protected readonly directory = mkdtempSync(`${tmpdir()}/signpost-gateway-`);
  readonly redis: Part = redisPart(this.directory);
  readonly webdis: Part = webdisPart(this.directory, () => this.redis.port);
  readonly routingService: Part = nodeProgram({
    name: "routing-service",
    directory: this.directory,
    script: "envoy-local/routing-service/server.ts",
    env: () => ({ REDIS_URL: redisUrl(this.redis.port, "routingService"), KEY_PREFIX }),
  });
  #client: RedisAdmin | undefined;

  async start(): Promise<this> {
    await this.redis.start();
    await Promise.all([this.webdis.start(), this.routingService.start()]);
    this.#client = await connectAsAdmin(this.redis.port);
    return this;
  }

  async stop(): Promise<void> {
    this.#client?.destroy();
    for (const part of [this.routingService, this.webdis, this.redis]) await part.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Puts a value into Redis under a lookup's key. */
  async put(key: string, value: string | Buffer): Promise<void> {
    await this.#client?.set(KEY_PREFIX + key, value);
  }

  /** What Redis holds under a lookup's key; null for nothing. */
  async get(key: string): Promise<string | null> {
    return (await this.#client?.get(KEY_PREFIX + key)) ?? null;
  }

  /** Removes a lookup's key from Redis. */
  async remove(key: string): Promise<void> {
    await this.#client?.del(KEY_PREFIX + key);
  }

  /** Tells the routing service of a tenant. */
  async addTenant(host: string, name: string, tenant: Tenant): Promise<void> {
    const path = `/routes?host=${encodeURIComponent(host)}&tenant=${encodeURIComponent(name)}`;
    const reply = await send({
      port: this.routingService.port,
      method: "PUT",
      path,
      body: JSON.stringify(tenant),
    });
    if (reply.status !== 200) throw new Error(`the routing service refused ${name}: ${reply.body.toString()}`);
  }
}
