import { OwnedBytes, Slice, equal, sipHash } from "as-bytes/assembly";
import { Seat, SeatList } from "./seats";
import { Visit } from "./visit";

/** Where a response is looked for. */
export enum FetchStage {
  /** In Redis, under the primary key. */
  Primary,
  /** In Redis, under a variant's key. */
  Variant,
  /** At the upstream, by the leader's own request. */
  Upstream,
}

/**
 * One response on its way, and the requests that wait for it: the leader is the one that is asking, the others are served by
 * what it brings (collapsed forwarding). A leader that goes away is replaced by the one that has waited longest.
 */
export class Fetch {
  stage: FetchStage = FetchStage.Primary;
  leader: Visit | null = null;
  /** How many variants Redis has been asked for; what it is asked for now, and the secondary key that is to be found there. */
  variantsRead: i32 = 0;
  readKey: OwnedBytes | null = null;
  secondaryKey: OwnedBytes | null = null;
  readonly waiters: SeatList = new SeatList();
  private ownedKey: OwnedBytes;

  constructor(
    key: Slice,
    /** The key's hash under the table's seeds. */
    readonly hash: u64,
  ) {
    this.ownedKey = new OwnedBytes(key);
  }

  /** The key under which the response would lie, as far as it is known. */
  get key(): Slice {
    return this.ownedKey.view();
  }
}

/** All that is being fetched, by key. */
export class Fetches {
  private out: Map<u64, Fetch> = new Map();
  /** All waiting requests: they wait equally long, so the first is due first. */
  private waiting: SeatList = new SeatList();

  /**
   * `longest` is how long a request waits for another one's response, in milliseconds; 0 for not at all. `seed0` and `seed1`
   * key the hash.
   */
  constructor(
    private longest: i64,
    private seed0: u64,
    private seed1: u64,
  ) {}

  /** How many there are, for the metrics. */
  get size(): i32 {
    return this.out.size;
  }

  /** What is being fetched for that key; null for nothing. */
  find(key: Slice): Fetch | null {
    const hash = this.hashOf(key);
    if (!this.out.has(hash)) return null;
    const fetch = this.out.get(hash);
    // Two keys of one hash are as good as impossible, and then the second one just does not share.
    return equal(fetch.key, key) ? fetch : null;
  }

  /** Opens a fetch that this request leads. Others find it unless nobody is to wait. */
  open(key: Slice, leader: Visit): Fetch {
    const fetch = new Fetch(key, this.hashOf(key));
    this.lead(fetch, leader);
    if (this.longest > 0) this.out.set(fetch.hash, fetch);
    return fetch;
  }

  /** Lets a request wait for what another one fetches. */
  join(fetch: Fetch, visit: Visit, now: i64): void {
    visit.fetch = fetch;
    visit.deadline = now + this.longest;
    fetch.waiters.push(visit.seat);
    this.waiting.push(visit.queueSeat);
  }

  /** A waiting request waits no longer. */
  leave(visit: Visit): void {
    const fetch = visit.fetch;
    if (!fetch || fetch.leader == visit) return;
    visit.fetch = null;
    fetch.waiters.remove(visit.seat);
    this.waiting.remove(visit.queueSeat);
  }

  /** The one that has waited longest takes the lead; null where nobody waits, and then the fetch is closed. */
  promote(fetch: Fetch): Visit | null {
    fetch.leader = null;
    const next = this.firstOf(fetch.waiters);
    if (!next) {
      this.close(fetch);
      return null;
    }
    this.leave(next);
    this.lead(fetch, next);
    return next;
  }

  /** The next one that waited for this fetch and does not any more; null when there is none left. */
  release(fetch: Fetch): Visit | null {
    const next = this.firstOf(fetch.waiters);
    if (next) this.leave(next);
    return next;
  }

  /** The next one that has waited for too long; it waits no longer. */
  nextOverdue(now: i64): Visit | null {
    const first = this.firstOf(this.waiting);
    if (!first) return null;
    const left = first.deadline - now;
    // More than it ever is: the clock was set back.
    if (left > 0 && left <= this.longest) return null;
    this.leave(first);
    return first;
  }

  /** Nobody finds it any more, and nobody leads it. */
  close(fetch: Fetch): void {
    const leader = fetch.leader;
    if (leader) leader.fetch = null;
    fetch.leader = null;
    if (this.out.has(fetch.hash) && this.out.get(fetch.hash) == fetch) this.out.delete(fetch.hash);
  }

  private lead(fetch: Fetch, leader: Visit): void {
    fetch.leader = leader;
    leader.fetch = fetch;
  }

  private firstOf(list: SeatList): Visit | null {
    const seat: Seat | null = list.first;
    return seat ? seat.visit : null;
  }

  private hashOf(key: Slice): u64 {
    return sipHash(key, this.seed0, this.seed1);
  }
}
