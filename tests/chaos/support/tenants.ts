import { json, send } from "../../../envoy-local/lib/http-client.ts";
import type { Part } from "../../../envoy-local/lib/part.ts";
import { clock, type Sample } from "./load.ts";

export const HOST = "shop.example.com";
export const TENANTS = 50;

/** How many tenants are changed at once. */
const WRITERS = 8;

/**
 * The tenants `t0` to `t49` in the routing service, and their versions: a tenant's cell and path say of which version
 * its record is, and a response from another cell than its path belongs to would be half of one.
 */
export class Tenants {
  readonly #service: Part;
  /** Of the records that are being written. */
  #version = 0;
  /** When each tenant's last change was complete. */
  readonly #changedAt: number[] = [];

  constructor(service: Part) {
    this.#service = service;
  }

  /** Gives every tenant its next version. */
  async change(): Promise<void> {
    this.#version++;
    const waiting = Array.from({ length: TENANTS }, (_, tenant) => tenant);
    const writers = Array.from({ length: WRITERS }, async () => {
      for (let tenant = waiting.pop(); tenant !== undefined; tenant = waiting.pop()) {
        await this.#put(tenant);
        this.#changedAt[tenant] = clock();
      }
    });
    await Promise.all(writers);
  }

  /** Which version of its tenant's record a request got; null when it got none, or anything that is not one. */
  versionOf({ status, tenant, upstream, path }: Sample): number | null {
    const version = Number(/^\/v(\d+)\//.exec(path)?.[1]);
    const isRight =
      status === 200 &&
      version >= 1 &&
      version <= this.#version &&
      path === pathOf(tenant, version) &&
      upstream === cellOf(tenant, version);
    return isRight ? version : null;
  }

  /** Whether a request got another record than its tenant's newest. */
  isOld(sample: Sample): boolean {
    return this.versionOf(sample) !== this.#version;
  }

  /** How long after its tenant's last change a request was sent, in milliseconds; negative before it. */
  sinceChange({ tenant, at }: Sample): number {
    return at - (this.#changedAt[tenant] ?? Infinity);
  }

  async #put(tenant: number): Promise<void> {
    const reply = await send({
      port: this.#service.port,
      method: "PUT",
      path: `/routes?host=${HOST}&tenant=t${tenant}`,
      body: JSON.stringify({ cell: cellOf(tenant, this.#version), path: pathOf(tenant, this.#version) }),
    });
    if (reply.status !== 200) throw new Error(`t${tenant} was refused: ${JSON.stringify(json(reply))}`);
  }
}

function pathOf(tenant: number, version: number): string {
  return `/v${version}/t${tenant}`;
}

function cellOf(tenant: number, version: number): string {
  return `cell-${1 + ((tenant + version) % 2)}`;
}
