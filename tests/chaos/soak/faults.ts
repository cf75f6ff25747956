import { GarbageServer } from "../support/garbage-server.ts";
import type { SoakGateway } from "./gateway.ts";

/** What a fault takes away. */
export type Affected = "redis" | "service" | "origin";

export interface Fault {
  readonly name: string;
  readonly affects: readonly Affected[];
  begin(gateway: SoakGateway): Promise<void> | void;
  end(gateway: SoakGateway): Promise<void> | void;
}

const garbage = new GarbageServer();

export const FAULTS: readonly Fault[] = [
  {
    name: "Redis stopped",
    affects: ["redis"],
    begin: ({ redis }) => redis.stop(),
    end: ({ redis }) => redis.start(),
  },
  {
    name: "Redis hangs",
    affects: ["redis"],
    begin: ({ redis }) => redis.pause(),
    end: ({ redis }) => redis.resume(),
  },
  {
    name: "Webdis stopped",
    affects: ["redis"],
    begin: ({ webdis }) => webdis.stop(),
    end: ({ webdis }) => webdis.start(),
  },
  {
    name: "Webdis hangs",
    affects: ["redis"],
    begin: ({ webdis }) => webdis.pause(),
    end: ({ webdis }) => webdis.resume(),
  },
  {
    name: "Webdis answers garbage",
    affects: ["redis"],
    begin: async ({ webdis }) => {
      await webdis.stop();
      await garbage.start(webdis.port);
    },
    end: async ({ webdis }) => {
      await garbage.stop();
      await webdis.start();
    },
  },
  {
    name: "the routing service hangs",
    affects: ["service"],
    begin: ({ routingService }) => routingService.pause(),
    end: ({ routingService }) => routingService.resume(),
  },
  {
    name: "the routing service is killed",
    affects: ["service"],
    begin: ({ routingService }) => routingService.stop(),
    end: ({ routingService }) => routingService.start(),
  },
  {
    name: "Webdis and the routing service hang",
    affects: ["redis", "service"],
    begin: ({ webdis, routingService }) => {
      webdis.pause();
      routingService.pause();
    },
    end: ({ webdis, routingService }) => {
      webdis.resume();
      routingService.resume();
    },
  },
  {
    name: "the origin fails",
    affects: ["origin"],
    begin: ({ origin }) => origin.become("fails"),
    end: ({ origin }) => origin.become("well"),
  },
  {
    name: "the origin cuts responses off",
    affects: ["origin"],
    begin: ({ origin }) => origin.become("cuts off"),
    end: ({ origin }) => origin.become("well"),
  },
  {
    name: "the origin hangs",
    affects: ["origin"],
    begin: ({ origin }) => origin.become("hangs"),
    end: ({ origin }) => origin.become("well"),
  },
];

/** How long after a fault its consequences may be seen: breakers close, what has failed is tried again. In milliseconds. */
const AFTERMATH = 5_000;

/** When what was away. */
export class Calendar {
  readonly #entries: { affects: readonly Affected[]; from: number; to: number }[] = [];

  begin(affects: readonly Affected[]): void {
    this.#entries.push({ affects, from: Date.now(), to: Infinity });
  }

  /** Nothing is away any more. */
  end(): void {
    const now = Date.now();
    for (const entry of this.#entries) entry.to = Math.min(entry.to, now);
  }

  /** Whether what happened from `from` until now may be due to this being away. */
  excuses(affected: Affected, from: number): boolean {
    return this.#entries.some(({ affects, to }) => affects.includes(affected) && from <= to + AFTERMATH);
  }
}
