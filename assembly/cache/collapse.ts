import { Slice, isPresent, persist } from "as-bytes/assembly";
import { Fetch } from "./fetch";
import { Fetches } from "./fetches";
import { HitForMiss } from "./hit-for-miss";
import { StoredResponses } from "./stored-responses";
import { Visit } from "./visit";

const AUTHORIZATION = persist("authorization");

/**
 * Collapsed forwarding: what becomes of those who wait for a request's response when there is something to be said of it. One
 * response that is not for others says little of the next one: that one's own is asked for first, and only then by all.
 */
export class Collapse {
  constructor(
    private fetches: Fetches,
    private hitForMiss: HitForMiss,
    private responses: StoredResponses,
  ) {}

  /** There is a stored response for them: they look for it. Who finds none may wait again, for what is like its own request. */
  serve(visit: Visit): void {
    const fetch = fetchLedBy(visit);
    if (!fetch) return;
    this.fetches.close(fetch);
    this.releaseAll(fetch);
  }

  /**
   * It has brought nothing for others, and that says nothing of what they would get: it is an error, or what its own client
   * alone has asked for. The next one asks. However many errors there are, one request at a time is at the upstream for those
   * who wait, until each has waited for long enough.
   */
  tryNext(visit: Visit): void {
    if (visit.isLeading) this.fetches.leave(visit);
  }

  /** The upstream gave a response that is not for others. The next one asks; if its own is not for others either, all do. */
  refuse(visit: Visit, now: i64): void {
    if (this.hasSecondTry(visit)) return this.tryNext(visit);
    this.disperse(visit, now);
  }

  /** The same for a response that is not for others because of its request's `Authorization`: all who have one ask then. */
  refuseCredentials(visit: Visit, now: i64): void {
    if (this.hasSecondTry(visit)) return this.tryNext(visit);
    this.hitForMiss.addWithCredentials(this.soughtKey(visit), now);
    const fetch = fetchLedBy(visit);
    if (!fetch) return;
    this.releaseWithCredentials(fetch);
    this.fetches.leave(visit);
  }

  /** No response of the kind can be shared: all ask, and for a while nobody waits for another one's. */
  disperse(visit: Visit, now: i64): void {
    this.hitForMiss.add(this.soughtKey(visit), now);
    const fetch = fetchLedBy(visit);
    if (!fetch) return;
    this.fetches.close(fetch);
    for (let waiter = fetch.waiters.first; waiter; waiter = fetch.waiters.first) this.releaseForGood(waiter);
  }

  /** Whether responses to requests like it could not be shared a short while ago; `key` is where its own would lie. */
  isHitForMiss(visit: Visit, key: Slice, now: i64): bool {
    return this.hitForMiss.has(key, now) || (hasCredentials(visit) && this.hitForMiss.hasWithCredentials(key, now));
  }

  /** Whether it is the first one of its fetch whose response is not for others, and another one can ask. */
  private hasSecondTry(visit: Visit): bool {
    const fetch = fetchLedBy(visit);
    if (!fetch || fetch.wasRefused || fetch.waiters.isEmpty) return false;
    fetch.wasRefused = true;
    return true;
  }

  private soughtKey(visit: Visit): Slice {
    this.responses.find(visit.key.view(), visit.uriHash, visit.request);
    return this.responses.soughtKey;
  }

  private releaseAll(fetch: Fetch<Visit>): void {
    for (let waiter = fetch.waiters.first; waiter; waiter = fetch.waiters.first) this.fetches.release(waiter);
  }

  private releaseWithCredentials(fetch: Fetch<Visit>): void {
    let place = fetch.waiters.firstPlace;
    while (place) {
      const waiter = place.guest;
      place = place.next;
      if (hasCredentials(waiter)) this.releaseForGood(waiter);
    }
  }

  private releaseForGood(waiter: Visit): void {
    waiter.mayWait = false;
    this.fetches.release(waiter);
  }
}

function fetchLedBy(visit: Visit): Fetch<Visit> | null {
  return visit.isLeading ? visit.fetch : null;
}

function hasCredentials(visit: Visit): bool {
  return isPresent(visit.request.get(AUTHORIZATION));
}
