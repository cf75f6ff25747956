/** A guest's place in a waiting list: in one at a time, or in none. */
export class Place<T> {
  previous: Place<T> | null = null;
  next: Place<T> | null = null;
  list: WaitingList<T> | null = null;

  constructor(readonly guest: T) {}

  get isTaken(): bool {
    return this.list != null;
  }

  /** Leaves the list that it is in, if it is in one. */
  leave(): void {
    const list = this.list;
    if (list) list.remove(this);
  }
}

/** Those that wait, in the order in which they came. Anyone may leave at any time, and each step is O(1). */
export class WaitingList<T> {
  private head: Place<T> | null = null;
  private tail: Place<T> | null = null;

  get isEmpty(): bool {
    return this.head == null;
  }

  /** The one that has waited longest; null where nobody waits. */
  get first(): T | null {
    const head = this.head;
    return head ? head.guest : null;
  }

  /** The place at the front; null where nobody waits. */
  get firstPlace(): Place<T> | null {
    return this.head;
  }

  /** Takes out the one that has waited longest; null where nobody waits. */
  shift(): T | null {
    const head = this.head;
    if (!head) return null;
    this.remove(head);
    return head.guest;
  }

  /** Goes to the end of this list, unless the place is taken. */
  push(place: Place<T>): void {
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
  remove(place: Place<T>): void {
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
