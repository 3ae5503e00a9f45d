import fc from "fast-check";
import { expect, test } from "vitest";
import { aCustomer, NOW } from "../../testing/builders.ts";
import { type Change, evolve } from "./change.ts";

test("signals of a type are in the order of their times, however late one comes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (times) => {
      const seen = (at: number): Change => ({
        type: "signal_seen",
        signalType: "go",
        at,
        seen: { at, data: {} } as never,
      });
      const { recent } = times.map(seen).reduce(evolve, aCustomer());
      expect(recent.go ?? []).toEqual([...times].sort((a, b) => a - b));
    }),
  );
});

test("what a lesson was learned from is forgotten of its delivery alone", () => {
  const note = { experienceId: "e", channel: "box", status: "sent", at: NOW, moments: [], features: ["a"] } as const;
  const customer = aCustomer({
    deliveries: [
      { ...note, deliveryId: "del-1" },
      { ...note, deliveryId: "del-2" },
    ],
  });
  const lesson = { type: "lesson", deliveryId: "del-2", experienceId: "e", channel: "box", features: [], reward: 1, at: NOW } as const;
  const { deliveries } = evolve(customer, lesson);
  expect(deliveries.map((one) => [one.deliveryId, "features" in one])).toEqual([
    ["del-1", true],
    ["del-2", false],
  ]);
  expect(deliveries[0]).toBe(customer.deliveries[0]);
});
