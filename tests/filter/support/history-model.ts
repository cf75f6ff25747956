/**
 * What a shared cache may give to whom, over any history of one URL: written from RFC 9111 §3, §4 and §4.4, RFC 5861 and
 * docs/cache.md, and from nothing that the module does. It says what is forbidden; what is not given is never wrong.
 *
 * What it allows although a cache with one memory and no delay would not do it, and why:
 * - Another gateway's answers, 304s and changes count once Redis has them: writes are asynchronous (docs/cache.md).
 * - A change elsewhere ends nothing that a gateway has given already: it serves that until it expires (docs/cache.md).
 * - An answer is judged by the time of its request, not of its sending: between the two it is not known when it was given,
 *   nor whether a change in the meantime was known by then.
 * - For a second after a failure what may stand in for an error does so for everybody (docs/cache.md).
 * - Nothing has to be stored (§3), so what is not sure to have been is no "more recent one" (§4): see `#isStored`. What a
 *   request has been given counts for all requests with the same fields, stored or not.
 * - What a request has had confirmed is good for that request (§4.3.3), whatever came in the meantime.
 * - Without `Date`, or within one second, the time of the request tells which is older; of a chain of those with and without
 *   none is older than what it is known to have replaced: see `#floorOf`.
 * - After a change that a gateway knows of, what was asked for before it is compared with nothing.
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
  /** Whether it is sure to count: a 304 that another one has overtaken may. */
  readonly isSure: boolean;
  /** Since when Redis may have it; undefined as long as it cannot. */
  sharedAt: number | undefined;
}

/** What a request has been given: by the origin, or from the cache. */
interface Given {
  readonly to: Asked;
  readonly life: Life;
  readonly at: number;
}

interface Life {
  readonly made: Made;
  readonly terms: Confirmed[];
  /** The gateways that have had it, and since when: what they hold they may serve as long as it is good there. */
  readonly knownAt: Map<number, number>;
  /** When Redis has first told a gateway of it. */
  readonly readAt: Map<number, number>;
}

interface Change {
  readonly gateway: number;
  readonly at: number;
  /** When it came to Redis; undefined as long as it has not. */
  sharedAt: number | undefined;
}

/** How a response comes to be given: for itself, in the place of an error, or of a 304. */
type How = "hit" | "error" | "confirmed";

const SECOND = 1000;

/** docs/cache.md: after an error the upstream is not asked again for so long; a little more for those who have waited. */
const RETRY_AFTER = 1.1 * SECOND;

export class HistoryModel {
  readonly #lives: Life[] = [];
  readonly #changes: Change[] = [];
  readonly #given: Given[] = [];
  readonly #failures: { readonly gateway: number; readonly at: number }[] = [];

  /** A response has begun to come; returns its number. */
  made(made: Made): number {
    const { asked, vary, date, sentAt, cameAt, cacheControl } = made;
    const initialAge = ageOnArrival(date, sentAt, cameAt);
    const rest = { isSure: true, sharedAt: undefined };
    const terms = [{ asked, vary, date, at: cameAt, sentAt, initialAge, cacheControl, ...rest }];
    this.#lives.push({ made, terms, knownAt: new Map(), readAt: new Map() });
    return this.#lives.length - 1;
  }

  /** The last byte of a response has come. */
  ended(number: number, at: number): void {
    const life = this.#life(number);
    life.made.endedAt = at;
    life.knownAt.set(life.made.asked.gateway, at);
    this.#given.push({ to: life.made.asked, life, at });
  }

  /**
   * A 304 has come that confirms a response. "the cache can update and reuse the stored response" (§4.3.4): it does where
   * that is still what the gateway has, and no more recent answer to such a request has come in the meantime.
   */
  confirmed(number: number, by: Omit<Made, "status" | "endedAt">): void {
    const life = this.#life(number);
    const { asked, date, sentAt, cameAt: at, cacheControl } = by;
    const { gateway } = asked;
    const isChanged = this.#changes.some(
      (change) => change.gateway === gateway && change.at >= requestTimeAt(life, gateway),
    );
    if (isChanged || this.#newer(life, asked, at, at) !== undefined) return;
    // Nor one that a more recent 304 has overtaken; where that is the older one, it may or may not.
    const isOvertaken = life.terms.some((one) => one.asked.gateway === gateway && one.at > sentAt);
    if (isOvertaken && !this.#isOlder(life, by, asked)) return;
    // What a body was chosen by still counts when a 304 leaves it out.
    const before = usableTerms(life, gateway, at).filter((one) => selects(one, asked));
    const known = before.find((one) => one.asked.gateway === gateway) ?? before[0];
    const vary = [...new Set([...(known?.vary ?? life.made.vary), ...by.vary])];
    const initialAge = ageOnArrival(date, sentAt, at);
    const rest = { isSure: !isOvertaken, sharedAt: undefined };
    life.terms.push({ asked, vary, date, at, sentAt, initialAge, cacheControl, ...rest });
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

  /** Redis has told a gateway of a response. */
  read(number: number, gateway: number, at: number): void {
    const { readAt } = this.#life(number);
    if (!readAt.has(gateway)) readAt.set(gateway, at);
  }

  /** All that a gateway had to write to Redis is there now. */
  wrote(gateway: number, now: number): void {
    for (const { made, terms } of this.#lives) {
      if (made.endedAt === undefined) continue;
      for (const one of terms) if (one.asked.gateway === gateway) one.sharedAt ??= now;
    }
  }

  /** Why a response must not be given to a request that was sent then and is answered now; undefined where it may be. */
  forbids(number: number, to: Asked, sentAt: number, now: number, how: How): string | undefined {
    const life = this.#life(number);
    const isFirst = !life.knownAt.has(to.gateway);
    if (isFirst) life.knownAt.set(to.gateway, now);
    const why = this.#whyNot(life, to, sentAt, now, how, isFirst);
    this.#given.push({ to, life, at: now });
    return why;
  }

  #whyNot(life: Life, to: Asked, sentAt: number, now: number, how: How, isFirst: boolean): string | undefined {
    const { made } = life;
    const { gateway } = to;
    if (!isStorable(made)) return "§3: it must not be stored";
    if (made.endedAt === undefined || made.endedAt > now) return "§3.3: it is not whole";
    if (!life.terms.some((one) => selects(one, to))) return "§4.1: the request does not match what Vary names";
    if (how === "confirmed") return undefined;
    if (to.cacheControl === "no-cache") return "§5.2.1.4: the client wants the origin's word";
    const terms = usableTerms(life, gateway, now).filter((one) => selects(one, to));
    if (terms.length === 0) return "§4.3.4: what has confirmed it last says that it may not be used so";
    const isFailing = this.#failures.some((failure) => failure.gateway === gateway && now - failure.at <= RETRY_AFTER);
    const at = how === "hit" ? sentAt : now;
    if (!terms.some((one) => isInTime(one, at, how === "error" || isFailing)))
      return "§4.2: it is neither fresh nor allowed to be stale";
    if (this.#isInvalid(life, gateway, isFirst, sentAt)) return "§4.4: it has been invalidated";
    return this.#goesBack(life, to, at, now) ?? this.#newer(life, to, at, now);
  }

  /** Nobody is given anything from the cache that is older than what such a request has been given there before. */
  #goesBack(life: Life, to: Asked, by: number, now: number): string | undefined {
    for (const { to: other, life: before, at } of this.#given) {
      const isAlike = other.gateway === to.gateway && other.a === to.a && other.b === to.b;
      if (!isAlike || before === life || at >= by || !isFull(before.made)) continue;
      if (!this.#isOlder(life, before.made, to) || this.#isChangedBetween(before, life, to.gateway, now)) continue;
      return `docs: such a request has been given #${this.#lives.indexOf(before)} before`;
    }
    return undefined;
  }

  /** "a cache MUST use the most recent one" (§4), and what a full answer has replaced is outdated (§4.3.3). */
  #newer(life: Life, to: Asked, by: number, now: number): string | undefined {
    const { gateway } = to;
    for (const [number, other] of this.#lives.entries()) {
      if (other === life || !this.#hasEnded(other, gateway, by) || !this.#isOlder(life, other.made, to)) continue;
      if (this.#isChangedBetween(other, life, gateway, now)) continue;
      if (this.#replaces(other, life, gateway)) return `§4.3.3: #${number} has replaced it`;
      if (this.#isStored(other, gateway, by, now) && other.terms.every((one) => selects(one, to)))
        return `§4: #${number} is more recent`;
    }
    return undefined;
  }

  /** Whether a change that the gateway may know of has made one response invalid, and not the other one. */
  #isChangedBetween(one: Life, other: Life, gateway: number, now: number): boolean {
    const [from, until] = [requestTimeAt(one, gateway), requestTimeAt(other, gateway)];
    return this.#knownChanges(gateway, now).some(({ at }) => at >= from && at < until);
  }

  /** Of a change that comes while a request waits, it may be given the answer before or after that. */
  #knownChanges(gateway: number, now: number): Change[] {
    return this.#changes.filter((change) => {
      const knownAt = change.gateway === gateway ? change.at : change.sharedAt;
      return knownAt !== undefined && knownAt <= now;
    });
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
  #isStored(life: Life, gateway: number, by: number, now: number): boolean {
    const { made } = life;
    if (!isFull(made) || !isStorable(made) || !isOfUse(made)) return false;
    if (this.#knownChanges(gateway, now).some(({ at }) => at >= made.sentAt)) return false;
    // One that another one has overtaken need not be.
    const isOvertaken = this.#lives.some(
      (other) => this.#hasEnded(other, gateway, made.endedAt ?? by) && other.made.sentAt > made.sentAt,
    );
    if (isOvertaken) return false;
    // Nor one that is older than what came before it: of a new list of names nobody knows whom that was for.
    return !this.#lives.some(
      (other) =>
        other !== life &&
        other.made.cameAt < by &&
        this.#mayHave(other, gateway, by) &&
        other.terms.some((one) => this.#isOlder(life, one, made.asked)),
    );
  }

  /** Whether a response may be in a gateway's memory, or has been. */
  #mayHave({ made, terms }: Life, gateway: number, by: number): boolean {
    return made.asked.gateway === gateway || terms.some(({ sharedAt }) => sharedAt !== undefined && sharedAt <= by);
  }

  #hasEnded({ made }: Life, gateway: number, by: number): boolean {
    return made.asked.gateway === gateway && made.endedAt !== undefined && made.endedAt < by;
  }

  /**
   * By Date; where one has none, or both have the same, by when they were asked for. `to` is the request that could get both: one
   * without Date that was asked for after another one that it could get is newer than that, and than all that is older.
   */
  #isOlder(life: Life, newer: Pick<Confirmed, "date" | "sentAt">, to: Asked): boolean {
    const known = dateAt(life, to.gateway);
    // Whatever a 304 says, one that came without is not older than what it was known to be newer than.
    const wasWithout = life.made.date === undefined && known !== undefined;
    const date = wasWithout ? Math.max(known, this.#floorOf(life, to)) : known;
    if (newer.date !== undefined && date !== undefined && date !== newer.date) return date < newer.date;
    if (newer.date !== undefined && date === undefined && newer.date < this.#floorOf(life, to)) return false;
    return requestTimeAt(life, to.gateway) < newer.sentAt;
  }

  #floorOf(life: Life, to: Asked): number {
    const { gateway } = to;
    const before = this.#lives.filter(
      ({ made, knownAt }) =>
        (made.asked.gateway === gateway || knownAt.has(gateway) || made.asked.gateway === life.made.asked.gateway) &&
        made.sentAt <= requestTimeAt(life, gateway) &&
        (selects(made, to) || selects(made, life.made.asked)),
    );
    return Math.max(...[life, ...before].flatMap(({ terms }) => terms.map(({ date }) => date ?? -Infinity)));
  }

  /**
   * "the cache MUST invalidate the target URI" (§4.4): in the gateway that saw the request at once; in another one, which may go
   * on with what it has, when it comes from Redis.
   */
  #isInvalid(life: Life, gateway: number, isFirst: boolean, sentAt: number): boolean {
    const by = Math.min(sentAt, life.readAt.get(gateway) ?? Infinity);
    return this.#changes.some((change) => {
      if (change.at < requestTimeAt(life, gateway)) return false;
      if (change.gateway === gateway) return change.at < sentAt;
      return isFirst && change.sharedAt !== undefined && change.sharedAt < by;
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

function isForbidden(cacheControl: string): boolean {
  return /private|no-store/.test(cacheControl);
}

/** RFC 9111 §3, for a shared cache. */
function isStorable({ status, cacheControl }: Made): boolean {
  if (isForbidden(cacheControl)) return false;
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

/** What a gateway may have of a response's terms: its own, and those that it may have read in Redis by then. */
function termsAt({ terms }: Life, gateway: number, by = Infinity): Confirmed[] {
  return terms.filter(({ asked, sharedAt }) => asked.gateway === gateway || (sharedAt !== undefined && sharedAt <= by));
}

/** Those by which it may give it: the last ones of its own, which have taken the place of what was before, and others'. */
function usableTerms(life: Life, gateway: number, by: number): Confirmed[] {
  const known = termsAt(life, gateway, by);
  const own = known.filter(({ asked }) => asked.gateway === gateway);
  const last = own.slice(own.findLastIndex(({ isSure }) => isSure));
  return known.filter((one) => (last.includes(one) || one.asked.gateway !== gateway) && !isForbidden(one.cacheControl));
}

function isInTime({ at, initialAge, cacheControl }: Confirmed, now: number, mayBeStale: boolean): boolean {
  const age = initialAge + Math.max(0, now - at);
  const stale = seconds(cacheControl, "stale-while-revalidate");
  const onError = mayBeStale ? seconds(cacheControl, "stale-if-error") : 0;
  return age < seconds(cacheControl, "max-age") + Math.max(stale, onError);
}

/** Its `Date`, or that of the last 304: none of them makes it older than it was. */
function dateAt(life: Life, gateway: number): number | undefined {
  const terms = termsAt(life, gateway);
  if (terms[terms.length - 1]?.date === undefined) return undefined;
  return Math.max(...terms.map(({ date }) => date ?? -Infinity));
}

/** When it was asked for, or for a 304 that has confirmed it. */
function requestTimeAt(life: Life, gateway: number): number {
  return Math.max(life.made.sentAt, ...termsAt(life, gateway).map(({ sentAt }) => sentAt));
}

/** `corrected_initial_age` of §4.2.3, without an `Age` field. */
function ageOnArrival(date: number | undefined, sentAt: number, at: number): number {
  return Math.max(date === undefined ? 0 : at - date, at - sentAt, 0);
}

function seconds(cacheControl: string, directive: string): number {
  const [, number] = new RegExp(`${directive}=(\\d+)`).exec(cacheControl) ?? [];
  return Number(number ?? 0) * SECOND;
}
