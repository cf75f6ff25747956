import type { Harness } from "../../../envoy-local/lib/harness.ts";
import { GarbageServer } from "./garbage-server.ts";

/** One way in which parts of the harness fail, and come back. */
export interface Outage {
  readonly name: string;
  /** Whether a tier is left that knows the records: then what is served stays as fresh as ever. */
  readonly leavesSource: boolean;
  /** The tiers whose breakers open. */
  readonly opens: readonly ("webdis" | "service")[];
  begin(harness: Harness): Promise<void>;
  /** Whether it may be over as far as it is concerned; at any time when not given. */
  seen?(): boolean;
  /** Everything is back when it settles. */
  end(harness: Harness): Promise<void>;
}

const garbage = new GarbageServer();

export const OUTAGES: readonly Outage[] = [
  {
    name: "Redis stopped",
    leavesSource: true,
    opens: ["webdis"],
    begin: ({ redis }) => redis.stop(),
    end: ({ redis }) => redis.start(),
  },
  {
    name: "Webdis stopped",
    leavesSource: true,
    opens: ["webdis"],
    begin: ({ webdis }) => webdis.stop(),
    end: ({ webdis }) => webdis.start(),
  },
  {
    name: "Webdis never answers",
    leavesSource: true,
    opens: ["webdis"],
    begin: ({ webdis }) => {
      webdis.pause();
      return Promise.resolve();
    },
    end: ({ webdis }) => {
      webdis.resume();
      return Promise.resolve();
    },
  },
  {
    name: "Webdis answers garbage",
    leavesSource: true,
    opens: [],
    begin: async ({ webdis }) => {
      await webdis.stop();
      await garbage.start(webdis.port);
    },
    // Every kind of it was asked for.
    seen: () => garbage.rounds > 0,
    end: async ({ webdis }) => {
      await garbage.stop();
      await webdis.start();
    },
  },
  {
    name: "service stopped",
    // Redis forgets the records before the outage is over.
    leavesSource: false,
    opens: ["service"],
    begin: ({ routingService }) => routingService.stop(),
    end: ({ routingService }) => routingService.start(),
  },
  {
    name: "all three stopped",
    leavesSource: false,
    opens: ["webdis", "service"],
    begin: async ({ redis, webdis, routingService }) => {
      await Promise.all([redis.stop(), webdis.stop(), routingService.stop()]);
    },
    end: async ({ redis, webdis, routingService }) => {
      await redis.start();
      await Promise.all([webdis.start(), routingService.start()]);
    },
  },
  {
    name: "all three never answer",
    leavesSource: false,
    opens: ["webdis", "service"],
    begin: ({ redis, webdis, routingService }) => {
      for (const part of [redis, webdis, routingService]) part.pause();
      return Promise.resolve();
    },
    end: ({ redis, webdis, routingService }) => {
      for (const part of [redis, webdis, routingService]) part.resume();
      return Promise.resolve();
    },
  },
];
