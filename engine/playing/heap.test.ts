import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";

test("gives its entries in order, however they came", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const one of numbers) heap.add(one);
      const taken = numbers.map(() => heap.take());
      expect(taken).toEqual([...numbers].sort((a, b) => a - b));
      expect([heap.size, heap.first(), heap.take()]).toEqual([0, undefined, undefined]);
    }),
  );
});
