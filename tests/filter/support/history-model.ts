/**
 * What a shared cache may give to whom, over any history of one URL: written from RFC 9111 §3, §4 and §4.4, RFC 5861 and
 * docs/cache.md, and from nothing that the module does. It says what is forbidden; what is not given is never wrong.
 */

export type Name = "a" | "b";

/** A request as far as the answer depends on it. */
export interface Asked {
  readonly gateway: number;
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly cacheControl: string | undefined;
}

/** A response that the origin makes; its body is the number that the model gives it. */
export interface Made {
  readonly status: number;
  readonly cacheControl: string;
  readonly vary: readonly Name[];
  /** In milliseconds; undefined for no `Date`. */
  readonly date: number | undefined;
  readonly asked: Asked;
  /** When its request was sent, when its headers came to the gateway, and when it ended there; the last one once it has. */
  readonly sentAt: number;
  readonly cameAt: number;
  endedAt: number | undefined;
}

/** How old a response may get: it, or a 304 that has confirmed it since. */
interface Confirmed {
  /** The request that it answered, and what it says that this matters of it. */
  readonly asked: Asked;
  readonly vary: readonly Name[];
  readonly date: number | undefined;
  readonly at: number;
  readonly sentAt: number;
  readonly initialAge: number;
  readonly cacheControl: string;
}

interface Life {
  readonly made: Made;
  readonly terms: Confirmed[];
  /** The gateways that have had it, and since when: what they hold they may serve as long as it is good there. */
  readonly knownAt: Map<number, number>;
}

interface Change {
  readonly gateway: number;
  readonly at: number;
  /** When it came to Redis; undefined as long as it has not. */
  sharedAt: number | undefined;
}

const SECOND = 1000;

/** docs/cache.md: after an error the upstream is not asked again for so long; a little more for those who have waited. */
const RETRY_AFTER = 1.1 * SECOND;

export class HistoryModel {
  readonly #lives: Life[] = [];
  readonly #changes: Change[] = [];
  readonly #failures: { readonly gateway: number; readonly at: number }[] = [];

  /** A response has begun to come; returns its number. */
  made(made: Made): number {
    const { asked, vary, date, sentAt, cameAt, cacheControl } = made;
    const initialAge = ageOnArrival(date, sentAt, cameAt);
    const terms = [{ asked, vary, date, at: cameAt, sentAt, initialAge, cacheControl }];
    this.#lives.push({ made, terms, knownAt: new Map() });
    return this.#lives.length - 1;
  }

  /** The last byte of a response has come. */
  ended(number: number, at: number): void {
    const { made, knownAt } = this.#life(number);
    made.endedAt = at;
    knownAt.set(made.asked.gateway, at);
  }

  /**
   * A 304 has come that confirms a response. "the cache can update and reuse the stored response" (§4.3.4): it does where
   * that is still what the gateway has, and no more recent answer to such a request has come in the meantime.
   */
  confirmed(number: number, by: Omit<Made, "status" | "endedAt">): void {
    const life = this.#life(number);
    const { asked, date, sentAt, cameAt: at, cacheControl } = by;
    const isChanged = this.#changes.some(
      (change) => change.gateway === asked.gateway && change.at >= requestTimeOf(life),
    );
    if (isChanged || this.#newer(life, asked, at) !== undefined) return;
    // What a body was chosen by still counts when a 304 leaves it out.
    const vary = [...new Set([...life.terms.flatMap((one) => one.vary), ...by.vary])];
    life.terms.push({ asked, vary, date, at, sentAt, initialAge: ageOnArrival(date, sentAt, at), cacheControl });
  }

  /** The upstream could not answer: for a second what may stand in for an error does, and it is not asked. */
  failed(gateway: number, at: number): void {
    this.#failures.push({ gateway, at });
  }

  /** An answer without error to an unsafe request has come. */
  changed(gateway: number, at: number): void {
    this.#changes.push({ gateway, at, sharedAt: undefined });
  }

  /** What has changed by then is known to Redis now. */
  shared(at: number, now: number): void {
    for (const change of this.#changes) if (change.at <= at) change.sharedAt ??= now;
  }

  /** Why a response must not be given to a request that was sent then and is answered now; undefined where it may be. */
  forbids(
    number: number,
    to: Asked,
    sentAt: number,
    now: number,
    why: "hit" | "error" | "confirmed",
  ): string | undefined {
    const life = this.#life(number);
    const { made } = life;
    const isFirst = !life.knownAt.has(to.gateway);
    if (isFirst) life.knownAt.set(to.gateway, now);
    if (!isStorable(made)) return "§3: it must not be stored";
    if (made.endedAt === undefined || made.endedAt > now) return "§3.3: it is not whole";
    if (!life.terms.some((one) => selects(one, to))) return "§4.1: the request does not match what Vary names";
    // What a request has had confirmed is good for that request.
    if (why === "confirmed") return undefined;
    if (to.cacheControl === "no-cache") return "§5.2.1.4: the client wants the origin's word";
    const isFailing = this.#failures.some(({ gateway, at }) => gateway === to.gateway && now - at <= RETRY_AFTER);
    if (!this.#isInTime(life, why === "hit" ? sentAt : now, why === "error" || isFailing))
      return "§4.2: it is neither fresh nor allowed to be stale";
    if (this.#isInvalid(life, to.gateway, isFirst, sentAt)) return "§4.4: it has been invalidated";
    return this.#newer(life, to, why === "error" ? now : sentAt);
  }

  /** "a cache MUST use the most recent one" (§4), and what a full answer has replaced is outdated (§4.3.3). */
  #newer(life: Life, to: Asked, by: number): string | undefined {
    for (const [number, other] of this.#lives.entries()) {
      if (other === life || !this.#hasEnded(other, to.gateway, by) || !this.#isOlder(life, other.made, to)) continue;
      // What is invalid is not what anything is compared with.
      if (this.#changes.some(({ at }) => at >= requestTimeOf(other))) continue;
      if (this.#replaces(other, life, to.gateway)) return `§4.3.3: #${number} has replaced it`;
      if (this.#isStored(other, to.gateway, by) && other.terms.every((one) => selects(one, to)))
        return `§4: #${number} is more recent`;
    }
    return undefined;
  }

  /**
   * Whether a full answer, stored or not, has replaced an older response that its request selects: one that the gateway had
   * then, or one to a request like its own that came later.
   */
  #replaces({ made }: Life, life: Life, gateway: number): boolean {
    if (!isFull(made) || !life.terms.every((one) => selects(one, made.asked))) return false;
    const { asked, cameAt } = life.made;
    const wasThere = (life.knownAt.get(gateway) ?? Infinity) <= made.cameAt;
    const isAlike = asked.gateway === gateway && asked.a === made.asked.a && asked.b === made.asked.b;
    return wasThere || (isAlike && cameAt > made.cameAt);
  }

  /** Whether a response is sure to have been stored, and still to be there. */
  #isStored(life: Life, gateway: number, by: number): boolean {
    const { made } = life;
    if (!isFull(made) || !isStorable(made) || !isOfUse(made)) return false;
    if (this.#changes.some((change) => change.at >= made.sentAt)) return false;
    // One that another one has overtaken need not be.
    const isOvertaken = this.#lives.some(
      (other) => this.#hasEnded(other, gateway, made.endedAt ?? by) && other.made.sentAt > made.sentAt,
    );
    if (isOvertaken) return false;
    // Nor one that is older than another one that such a request has been given, or could be, here or elsewhere.
    return !this.#lives.some(
      (other) =>
        other !== life &&
        other.made.cameAt < by &&
        (selects(made, other.made.asked) || selects(other.made, made.asked)) &&
        this.#isOlder(life, other.made, made.asked),
    );
  }

  #hasEnded({ made }: Life, gateway: number, by: number): boolean {
    return made.asked.gateway === gateway && made.endedAt !== undefined && made.endedAt < by;
  }

  /**
   * By Date; where one has none, or both have the same, by when they were asked for. `to` is the request that could get both: one
   * without Date that was asked for after another one that it could get is newer than that, and than all that is older.
   */
  #isOlder(life: Life, newer: Made, to: Asked): boolean {
    const date = dateOf(life);
    if (newer.date !== undefined && date !== undefined && date !== newer.date) return date < newer.date;
    if (newer.date !== undefined && date === undefined && newer.date < this.#floorOf(life, to)) return false;
    return requestTimeOf(life) < newer.sentAt;
  }

  #floorOf(life: Life, to: Asked): number {
    const { gateway } = to;
    const before = this.#lives.filter(
      ({ made, knownAt }) =>
        (made.asked.gateway === gateway || knownAt.has(gateway) || made.asked.gateway === life.made.asked.gateway) &&
        made.sentAt <= requestTimeOf(life) &&
        (selects(made, to) || selects(made, life.made.asked)),
    );
    return Math.max(...[life, ...before].flatMap(({ terms }) => terms.map(({ date }) => date ?? -Infinity)));
  }

  #isInTime(life: Life, now: number, mayBeStale: boolean): boolean {
    return life.terms.some(({ at, initialAge, cacheControl }) => {
      const age = initialAge + Math.max(0, now - at);
      const lifetime = seconds(cacheControl, "max-age");
      const stale = seconds(cacheControl, "stale-while-revalidate");
      const onError = mayBeStale ? seconds(cacheControl, "stale-if-error") : 0;
      return age < lifetime + Math.max(stale, onError);
    });
  }

  /**
   * "the cache MUST invalidate the target URI" (§4.4): in the gateway that saw the request at once; in another one, which may go
   * on with what it has, when it comes from Redis.
   */
  #isInvalid(life: Life, gateway: number, isFirst: boolean, sentAt: number): boolean {
    return this.#changes.some((change) => {
      if (change.at < requestTimeOf(life)) return false;
      if (change.gateway === gateway) return change.at < sentAt;
      return isFirst && change.sharedAt !== undefined && change.sharedAt < sentAt;
    });
  }

  #life(number: number): Life {
    const life = this.#lives[number];
    if (life === undefined) throw new Error(`a body that nobody made: ${number}`);
    return life;
  }
}

/** Whether a response is one of the resource's: not one of a failure, nor of what one request alone asked for. */
function isFull({ status }: Made): boolean {
  return status === 200 || status === 301 || status === 404;
}

/** RFC 9111 §3, for a shared cache. */
function isStorable({ status, cacheControl }: Made): boolean {
  if (/private|no-store/.test(cacheControl)) return false;
  return status !== 206 && (status !== 503 || /max-age/.test(cacheControl));
}

/** Whether a cache that stores what can be used at all stores it: without a lifetime it depends on a validator. */
function isOfUse({ cacheControl }: Made): boolean {
  return !cacheControl.includes("max-age=0");
}

/** RFC 9111 §4.1: "all the presented request header fields nominated by that Vary field value match". */
function selects({ vary, asked }: Pick<Made, "vary" | "asked">, to: Asked): boolean {
  return vary.every((name) => asked[name] === to[name]);
}

/** Its `Date`, or that of the last 304: none of them makes it older than it was. */
function dateOf({ terms }: Life): number | undefined {
  const latest = terms[terms.length - 1];
  if (latest?.date === undefined) return undefined;
  return Math.max(...terms.map(({ date }) => date ?? -Infinity));
}

/** When it was asked for, or for a 304 that has confirmed it. */
function requestTimeOf({ terms }: Life): number {
  return Math.max(...terms.map(({ sentAt }) => sentAt));
}

/** `corrected_initial_age` of §4.2.3, without an `Age` field. */
function ageOnArrival(date: number | undefined, sentAt: number, at: number): number {
  return Math.max(date === undefined ? 0 : at - date, at - sentAt, 0);
}

function seconds(cacheControl: string, directive: string): number {
  const [, number] = new RegExp(`${directive}=(\\d+)`).exec(cacheControl) ?? [];
  return Number(number ?? 0) * SECOND;
}
