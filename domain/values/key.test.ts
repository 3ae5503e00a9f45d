import fc from "fast-check";
import { expect, test } from "vitest";
import { identityKey } from "../entities/address.ts";
import { signalKey } from "../entities/signal.ts";
import { identityOf, type Wake } from "../entities/wake.ts";
import { joinKey } from "./key.ts";

test.each([
  [
    ["a\nb", "c"],
    ["a", "b\nc"],
  ],
  [
    ["a\n", "b"],
    ["a", "\nb"],
  ],
  [
    ["a\\nb", "c"],
    ["a\nb", "c"],
  ],
  [
    ["\na", "b"],
    ["", "a\nb"],
  ],
])("B15: %j and %j are two signals, two identities and two wakes", (one, other) => {
  const signals = [one, other].map(([source = "", id = ""]) => ({ source, id }));
  expect(new Set(signals.map(signalKey)).size).toBe(2);
  expect(new Set([one, other].map(([type = "", value = ""]) => identityKey({ type, value }))).size).toBe(2);
  expect(new Set(signals.map((signal) => identityOf({ kind: "signal", signal } as Wake))).size).toBe(2);
});

test("B15: whatever is in the parts, equal keys have equal parts", () => {
  const part = fc.string({ unit: fc.constantFrom("a", "\n", "\\", "n", '"'), maxLength: 5 });
  const list = fc.tuple(part, part, part);
  fc.assert(
    fc.property(list, list, (one, other) => {
      expect(joinKey(...one) === joinKey(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
    { numRuns: 2_000 },
  );
});

test("B15: keys without a line break in their parts stay as existing stores hold them", () => {
  expect(signalKey({ source: "web", id: "s-1" })).toBe("web\ns-1");
  expect(identityOf({ kind: "timer", customerId: "c", key: "k", name: "clock.daily", due: 0 })).toBe(
    "timer\nclock.daily\n1970-01-01T00:00:00Z",
  );
});
