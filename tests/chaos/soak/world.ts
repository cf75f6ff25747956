import { createHash } from "node:crypto";
import type { Random } from "../../fuzz/support/random.ts";

export const HOST = "shop.example.com";
export const TENANTS = 8;

/** How responses of each kind may be reused, and for how long after they were replaced a request may still be given one. */
export const KINDS = {
  fresh: { cacheControl: "max-age=2", seconds: 2 },
  revalidated: { cacheControl: "max-age=1, stale-while-revalidate=2", seconds: 3 },
  enduring: { cacheControl: "max-age=1, stale-if-error=60", seconds: 61 },
  languages: { cacheControl: "max-age=3", seconds: 3 },
  private: { cacheControl: "private, max-age=60", seconds: 0 },
  unstored: { cacheControl: "no-store", seconds: 0 },
} as const;
export type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];
export const OBJECTS = 4 * KIND_NAMES.length;

/** In seconds. */
export const REDIS_TTL = 2;
export const ROUTE_TTL = 1;
export const ROUTE_STALE = 1;

/** What may be under way for so long on a slow machine without being wrong, in milliseconds. */
const UNDER_WAY = 10_000;

export const LANGUAGES = ["de", "en"] as const;
export const USERS = ["ann", "bob", "cat"] as const;

export function kindOf(object: number): Kind {
  return KIND_NAMES[object % KIND_NAMES.length] ?? "unstored";
}

/** All that decides what a response of the origin is. */
export interface Identity {
  readonly tenant: number;
  readonly object: number;
  readonly revision: number;
  /** Of the tenant's route. */
  readonly version: number;
  /** Empty where it makes no difference. */
  readonly language: string;
  readonly user: string;
}

export function identityText({ tenant, object, revision, version, language, user }: Identity): string {
  return [tenant, object, revision, version, language, user].join("/");
}

export function readIdentity(text: string): Identity | undefined {
  const [tenant = "", object = "", revision = "", version = "", language = "", user] = text.split("/");
  if (user === undefined) return undefined;
  const numbers = { tenant: Number(tenant), object: Number(object), revision: Number(revision) };
  return { ...numbers, version: Number(version), language, user };
}

/** The body that belongs to it: up to 50 kB, different in all its parts from every other one. */
export function bodyOf(identity: Identity): Buffer {
  const text = identityText(identity);
  const hash = createHash("sha256").update(text).digest("hex");
  const lines = parseInt(hash.slice(0, 4), 16) % 600;
  return Buffer.from(`${text} ${hash}\n`.repeat(1 + lines));
}

export function etagOf(identity: Identity): string {
  return `"${identityText(identity).replaceAll("/", "-")}"`;
}

/** Something that has one state after another, and when each was replaced, in milliseconds since 1970. */
class History {
  current = 1;
  readonly #replacedAt = new Map<number, number>();

  /** The next one may be seen from now on. */
  advance(): number {
    return ++this.current;
  }

  /** From now on nobody who looks sees one before the current one. */
  complete(now: number): void {
    for (let state = this.current - 1; state > 0 && !this.#replacedAt.has(state); state--) {
      this.#replacedAt.set(state, now);
    }
  }

  /** Whether a request sent at `time` may still be given this one when what was replaced may be used for so long. */
  allows(state: number, time: number, milliseconds: number): boolean {
    if (!(state >= 1 && state <= this.current)) return false;
    return time <= (this.#replacedAt.get(state) ?? Infinity) + milliseconds + UNDER_WAY;
  }
}

/** What is true: all that origin and routing service know, and have known. */
export class World {
  readonly #routes = Array.from({ length: TENANTS }, () => new History());
  readonly #objects = Array.from({ length: TENANTS * OBJECTS }, () => new History());

  route(tenant: number): History {
    return this.#routes[tenant] ?? new History();
  }

  object(tenant: number, object: number): History {
    return this.#objects[tenant * OBJECTS + object] ?? new History();
  }

  /** Whether a request sent at `time` may be given it; `enduring`: where only an error of the origin allows it, too. */
  isCurrentEnough({ tenant, object, revision }: Identity, time: number, { enduring }: { enduring: boolean }): boolean {
    const kind = kindOf(object);
    const seconds = kind === "enduring" && !enduring ? 1 : KINDS[kind].seconds;
    return this.object(tenant, object).allows(revision, time, seconds * 1_000);
  }

  /** Whether a request sent at `time` may go by the route of it, while the routing service is there. */
  isRoutedAsOfLate({ tenant, version }: Identity, time: number): boolean {
    return this.route(tenant).allows(version, time, (REDIS_TTL + ROUTE_TTL + ROUTE_STALE) * 1_000);
  }

  /** Objects change all the time. */
  changeSome(random: Random, count: number): void {
    for (let i = 0; i < count; i++) {
      const object = this.object(random.below(TENANTS), random.below(OBJECTS));
      object.advance();
      object.complete(Date.now());
    }
  }
}
