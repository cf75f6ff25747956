import { Slice } from "as-bytes/assembly";
import { SingleFlight } from "../waiting/single-flight";
import { WaitingList } from "../waiting/waiting-list";
import { Fetch, FetchState } from "./fetch";
import { Visit } from "./visit";

/**
 * All that is being fetched, by key, and every request that is held. One that is held is in the list of those that are ready,
 * or it leads a question to Redis or waits for a fetch, and then it has a deadline. So nobody is held for ever, in whatever
 * order requests come and go, replies come or stay away, and time passes.
 */
export class Fetches {
  private out: SingleFlight<Fetch<Visit>>;
  /** Those that are to be led on, in the order in which that was decided. */
  private ready: WaitingList<Visit> = new WaitingList<Visit>();
  /** Those that have waited for another one's response, since they did; they wait equally long, so the first is due first. */
  private waiting: WaitingList<Visit> = new WaitingList<Visit>();
  /** Those that lead a question to Redis and have not waited for anybody: the same. */
  private reading: WaitingList<Visit> = new WaitingList<Visit>();

  /**
   * `longest` is how long a request waits for another one's response, 0 for not at all, and `longestRead` how long for a reply
   * of Redis', in milliseconds. `seed0` and `seed1` key the hash.
   */
  constructor(
    private longest: i64,
    private longestRead: i64,
    seed0: u64,
    seed1: u64,
  ) {
    this.out = new SingleFlight<Fetch<Visit>>(seed0, seed1);
  }

  /** How many there are, for the metrics. */
  get size(): i32 {
    return this.out.size;
  }

  /** What is being fetched for that key; null for nothing. */
  find(key: Slice): Fetch<Visit> | null {
    return this.out.find(key, this.out.hashOf(key));
  }

  /** Opens a fetch that this request leads, which is being led on now. Others find it unless nobody is to wait. */
  open(key: Slice, leader: Visit): Fetch<Visit> {
    const fetch = new Fetch<Visit>(key, this.out.hashOf(key));
    fetch.leader = leader;
    leader.fetch = fetch;
    if (this.longest > 0) this.out.add(fetch);
    return fetch;
  }

  /** Lets a request wait for what another one fetches. It waits for as long in all, however many fetches it waits for. */
  join(fetch: Fetch<Visit>, visit: Visit, now: i64): void {
    visit.fetch = fetch;
    fetch.waiters.push(visit.waiterPlace);
    if (visit.hasWaited) return;
    visit.hasWaited = true;
    visit.deadline = now + this.longest;
    visit.deadlinePlace.leave();
    this.waiting.push(visit.deadlinePlace);
  }

  /** Redis is being asked what the fetch is about. One that has waited before keeps its deadline. */
  startRead(fetch: Fetch<Visit>, leader: Visit, now: i64): void {
    fetch.state = FetchState.Reading;
    if (leader.deadlinePlace.isTaken) return;
    leader.deadline = now + this.longestRead;
    this.reading.push(leader.deadlinePlace);
  }

  /**
   * The reply to the question of that number is here: gives the leader, which is to be led on now; null where nobody waits for
   * the reply any more.
   */
  endRead(fetch: Fetch<Visit>, question: i32): Visit | null {
    if (fetch.state != FetchState.Reading || fetch.questions != question) return null;
    fetch.state = FetchState.Ready;
    return fetch.leader;
  }

  /** A request is held no longer: it is answered, or goes upstream. It may lead its fetch from there. */
  letGo(visit: Visit): void {
    visit.readyPlace.leave();
    visit.deadlinePlace.leave();
  }

  /** A request has nothing to do with its fetch any more: another one leads it then, or it is closed. */
  leave(visit: Visit): void {
    this.letGo(visit);
    const fetch = visit.fetch;
    if (!fetch) return;
    visit.fetch = null;
    visit.waiterPlace.leave();
    if (fetch.leader == visit) this.replaceLeader(fetch);
  }

  /** Nobody finds the fetch any more, and nobody leads it; those who wait for it are the caller's. */
  close(fetch: Fetch<Visit>): void {
    const leader = fetch.leader;
    if (leader) leader.fetch = null;
    fetch.leader = null;
    this.out.remove(fetch);
  }

  /** One that waits for a fetch does so no longer, and is to be led on. */
  release(visit: Visit): void {
    visit.fetch = null;
    visit.waiterPlace.leave();
    this.ready.push(visit.readyPlace);
  }

  /** Those that have waited for too long are to be led on, and wait no more. */
  releaseOverdue(now: i64): void {
    for (let visit = this.waiting.first; visit && isDue(visit, this.longest, now); visit = this.waiting.first) {
      this.releaseFromWaiting(visit);
    }
    for (let visit = this.reading.first; visit && isDue(visit, this.longestRead, now); visit = this.reading.first) {
      this.releaseFromWaiting(visit);
    }
  }

  /** Whether there is a request to be led on. */
  get hasReady(): bool {
    return !this.ready.isEmpty;
  }

  /** The next request to be led on; null when there is none. */
  nextReady(): Visit | null {
    return this.ready.shift();
  }

  private releaseFromWaiting(visit: Visit): void {
    const fetch = visit.fetch;
    visit.deadlinePlace.leave();
    visit.mayWait = false;
    if (!fetch) return;
    if (fetch.leader != visit) return this.release(visit);
    // The reply has not come; if it does, it is too late.
    fetch.state = FetchState.Ready;
    this.ready.push(visit.readyPlace);
  }

  /** The one that has waited longest leads the fetch from now on; where nobody waits, it is closed. */
  private replaceLeader(fetch: Fetch<Visit>): void {
    fetch.leader = null;
    const next = fetch.waiters.first;
    if (!next) return this.close(fetch);
    next.waiterPlace.leave();
    fetch.leader = next;
    // A question to Redis that is out is answered to whoever leads by then. What else was out was the leader's own.
    if (fetch.state == FetchState.Reading) return;
    fetch.state = FetchState.Ready;
    this.ready.push(next.readyPlace);
  }
}

function isDue(visit: Visit, longest: i64, now: i64): bool {
  const left = visit.deadline - now;
  // More than it ever is: the clock was set back.
  return left <= 0 || left > longest;
}
