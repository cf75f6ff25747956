import { Visit } from "./visit";

/** A request's place in a waiting list: in one at a time, or in none. */
export class Place {
  previous: Place | null = null;
  next: Place | null = null;
  list: WaitingList | null = null;

  constructor(readonly visit: Visit) {}

  get isTaken(): bool {
    return this.list != null;
  }

  /** Leaves the list that it is in, if it is in one. */
  leave(): void {
    const list = this.list;
    if (list) list.remove(this);
  }
}

/** Requests that wait, in the order in which they came. Anyone may leave at any time, and each step is O(1). */
export class WaitingList {
  private head: Place | null = null;
  private tail: Place | null = null;

  get isEmpty(): bool {
    return this.head == null;
  }

  /** The one that has waited longest; null where nobody waits. */
  get first(): Visit | null {
    const head = this.head;
    return head ? head.visit : null;
  }

  /** The place behind nobody; null where nobody waits. */
  get firstPlace(): Place | null {
    return this.head;
  }

  /** Goes to the end of this list, unless the place is taken. */
  push(place: Place): void {
    if (place.isTaken) return;
    const tail = this.tail;
    place.list = this;
    place.previous = tail;
    place.next = null;
    if (tail) tail.next = place;
    else this.head = place;
    this.tail = place;
  }

  /** For `Place.leave`. */
  remove(place: Place): void {
    if (place.list != this) return;
    const previous = place.previous;
    const next = place.next;
    if (previous) previous.next = next;
    else this.head = next;
    if (next) next.previous = previous;
    else this.tail = previous;
    place.previous = null;
    place.next = null;
    place.list = null;
  }
}
