import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstWaiting, newWaiting, pushWaiting, leaveWaiting } from "../support/cache-store.ts";

const PLACES = 8;

/** Everyone in the list, in order; the list is empty after it. */
function drained(): number[] {
  const order: number[] = [];
  for (let first = firstWaiting(); first >= 0; first = firstWaiting()) {
    order.push(first);
    leaveWaiting(first);
  }
  return order;
}

describe("those that wait", () => {
  it("are served in the order in which they came", () => {
    newWaiting(PLACES);
    for (const place of [3, 1, 2]) pushWaiting(place);
    expect(drained()).toEqual([3, 1, 2]);
    expect(firstWaiting()).toBe(-1);
  });

  it("may leave from anywhere, and come again at the end", () => {
    const step = fc.tuple(fc.boolean(), fc.nat(PLACES - 1));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        newWaiting(PLACES);
        let model: number[] = [];
        for (const [comes, place] of steps) {
          if (comes) {
            pushWaiting(place);
            if (!model.includes(place)) model.push(place);
          } else {
            leaveWaiting(place);
            model = model.filter((other) => other !== place);
          }
          expect(firstWaiting()).toBe(model[0] ?? -1);
        }
        expect(drained()).toEqual(model);
      }),
      { numRuns: 2000 },
    );
  });
});
