import { Visit } from "./visit";

/** A request's place in a list of those that wait. */
export class Seat {
  previous: Seat | null = null;
  next: Seat | null = null;
  isTaken: bool = false;

  constructor(readonly visit: Visit) {}
}

/** Those that wait, in the order in which they came. Anyone may leave at any time, and each step is O(1). */
export class SeatList {
  private head: Seat | null = null;
  private tail: Seat | null = null;

  get first(): Seat | null {
    return this.head;
  }

  push(seat: Seat): void {
    if (seat.isTaken) return;
    const tail = this.tail;
    seat.isTaken = true;
    seat.previous = tail;
    seat.next = null;
    if (tail) tail.next = seat;
    else this.head = seat;
    this.tail = seat;
  }

  /** Takes a seat out that is in this very list. */
  remove(seat: Seat): void {
    if (!seat.isTaken) return;
    const previous = seat.previous;
    const next = seat.next;
    if (previous) previous.next = next;
    else this.head = next;
    if (next) next.previous = previous;
    else this.tail = previous;
    seat.previous = null;
    seat.next = null;
    seat.isTaken = false;
  }
}
