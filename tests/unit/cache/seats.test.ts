import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstSeat, newSeats, pushSeat, removeSeat } from "../support/cache-store.ts";

const SEATS = 8;

/** Everyone in the list, in order; the list is empty after it. */
function drained(): number[] {
  const order: number[] = [];
  for (let first = firstSeat(); first >= 0; first = firstSeat()) {
    order.push(first);
    removeSeat(first);
  }
  return order;
}

describe("those that wait", () => {
  it("are served in the order in which they came", () => {
    newSeats(SEATS);
    for (const seat of [3, 1, 2]) pushSeat(seat);
    expect(drained()).toEqual([3, 1, 2]);
    expect(firstSeat()).toBe(-1);
  });

  it("may leave from anywhere, and come again at the end", () => {
    const step = fc.tuple(fc.boolean(), fc.nat(SEATS - 1));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        newSeats(SEATS);
        let model: number[] = [];
        for (const [comes, seat] of steps) {
          if (comes) {
            pushSeat(seat);
            if (!model.includes(seat)) model.push(seat);
          } else {
            removeSeat(seat);
            model = model.filter((other) => other !== seat);
          }
          expect(firstSeat()).toBe(model[0] ?? -1);
        }
        expect(drained()).toEqual(model);
      }),
      { numRuns: 2000 },
    );
  });
});
