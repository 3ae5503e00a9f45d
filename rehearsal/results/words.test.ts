import { expect, test } from "vitest";
import { aRehearsal } from "../../testing/rehearsal.ts";
import { amount, bounds, foundIn, isClear, signed } from "./words.ts";

test.each([
  [0, "0"],
  [0.004, "0.004"],
  [0.0004, "0"],
  [-0.0004, "0"],
  [0.123, "0.12"],
  [-12.34, "−12.3"],
  [1234.5, "1,235"],
  [99.96, "100"],
])("%d is written as %s", (value, text) => {
  expect(amount(value)).toBe(text);
});

test("differences carry their sign, and bounds are left out where paths agree", () => {
  expect([signed(3), signed(-3), signed(0)]).toEqual(["+3", "−3", "0"]);
  expect([bounds({ mean: 1, low: 1, high: 1 }), bounds({ mean: 1, low: 0, high: 2 })]).toEqual(["", "0 to 2"]);
});

test("a difference is clear where 90 of 100 paths agree on its sign", () => {
  expect([
    isClear({ mean: 1, low: 0.5, high: 2 }),
    isClear({ mean: 1, low: -0.5, high: 2 }),
    isClear({ mean: 0, low: 0, high: 0 }),
  ]).toEqual([true, false, false]);
});

test("what was found says what changes by how much, of how much, and whom it leaves out", () => {
  const { forward } = aRehearsal();
  const found = foundIn(forward).join(" ");
  expect(found).toMatch(/^Deliveries: [\d.]+ less than [\d.]+ \(−[\d.]+ to −[\d.]+ in 90 of 100 paths\)\./);
  expect(found).toMatch(/Left out more often: c-\d+, c-\d+, c-\d+ and \d+ more\.$/);
  expect(foundIn(aRehearsal({ less: 0 }).forward)).toEqual(["Both would do the same."]);
});
