import fc from "fast-check";
import { expect, test } from "vitest";
import { binOf, encodeFeatures, readFeatures } from "./features.ts";

test("features are read by path, and an absent one is missing", () => {
  const scope = { customer: { segment: "vip", lease: { active: true } }, moment: { name: "lease_ending" } };

  expect(readFeatures(["customer.segment", "customer.lease.active", "moment.name", "customer.lease.end.day"], scope)).toEqual([
    ["customer.segment", "vip"],
    ["customer.lease.active", true],
    ["moment.name", "lease_ending"],
    ["customer.lease.end.day", undefined],
  ]);
});

test("inherited property names are not fields of a customer", () => {
  const missing = encodeFeatures([["customer.constructor", undefined]]);

  expect(encodeFeatures(readFeatures(["customer.constructor"], { customer: {} }))).toEqual(missing);
  expect(readFeatures(["customer.__proto__.toString", "constructor.name"], { customer: {} }).map(([, value]) => value)).toEqual([
    undefined,
    undefined,
  ]);
});

test("each value has its own key, and missing is a value", () => {
  const keys = ["vip", "new", "", "missing", true, false, null, 0, 1, -1, 7, {}].map((value) => encodeFeatures([["customer.x", value]])[0]);

  expect(new Set(keys).size).toBe(keys.length);
  expect(encodeFeatures([["customer.x", undefined]])).toEqual(encodeFeatures([["customer.x", null]]));
  expect(encodeFeatures([["customer.x", Number.NaN]])).toEqual(encodeFeatures([["customer.x", null]]));
});

test("the same value of another feature has another key", () => {
  expect(encodeFeatures([["customer.a", "x"]])).not.toEqual(encodeFeatures([["customer.b", "x"]]));
});

test("a list counts by its elements, in any order, and an empty one as missing", () => {
  const both = encodeFeatures([["customer.goals", ["save", "grow"]]]);

  expect(new Set(both)).toEqual(new Set(encodeFeatures([["customer.goals", ["grow", "save", "grow"]]])));
  expect(both).toHaveLength(2);
  expect(encodeFeatures([["customer.goals", []]])).toEqual(encodeFeatures([["customer.goals", null]]));
});

test.each([
  [0, "0"],
  [1, "1e0"],
  [1.99, "1e0"],
  [2, "2e0"],
  [9.99, "5e0"],
  [10, "1e1"],
  [1000, "1e3"],
  [34, "2e1"],
  [-34, "-2e1"],
  [0.2, "2e-1"],
  [1e-9, "1e-3"],
  [1e308, "1e9"],
  [-1e308, "-1e9"],
])("%d lies in the bin %s", (number, bin) => {
  expect(binOf(number)).toBe(bin);
});

test("a larger number never lies in a lower bin", () => {
  const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(positive, positive, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(Number(binOf(low))).toBeLessThanOrEqual(Number(binOf(high)));
      expect(Number(binOf(low))).toBeLessThanOrEqual(low * (1 + 1e-12));
    }),
  );
});

test("keys are short and few, whatever the input", () => {
  const anything = fc.oneof(fc.anything(), fc.string({ minLength: 10_000, maxLength: 10_000 }), fc.constant("__proto__"), fc.double());
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), anything), { maxLength: 100 }), (values) => {
      const keys = encodeFeatures(values);
      expect(keys.length).toBeLessThanOrEqual(256);
      for (const key of keys) expect(key).toMatch(/^[0-9a-f]{12}$/);
    }),
    { numRuns: 50 },
  );
});
