import { expect, test } from "vitest";
import { DAY, HOUR } from "../domain/values/time.ts";
import { aCustomer, NOW } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { recordedOf } from "./recorded.ts";

const PERIOD = { from: NOW - 30 * DAY, until: NOW, zone: "UTC" };
const GIVEN = { signals: [], arms: {}, period: PERIOD };

const note = { experienceId: "e", channel: "box", at: NOW - DAY, moments: [], status: "delivered" as const };

test("deliveries that were sent are read with their outcomes by time; what was never sent is not", () => {
  const customer = aCustomer({
    deliveries: [
      { ...note, deliveryId: "d-1", variant: "short", learnsAs: "canary:e" },
      ...(["reserved", "failed", "cancelled"] as const).map((status) => ({ ...note, deliveryId: `d-${status}`, status })),
    ],
    outcomes: [
      { deliveryId: "d-1", experienceId: "e", channel: "box", kind: "converted", at: NOW - 2 * HOUR },
      { deliveryId: "d-1", experienceId: "e", channel: "box", kind: "opened", at: NOW - 3 * HOUR },
    ],
  });
  const { deliveries, customers, population } = recordedOf({ ...GIVEN, customers: [customer], policy: policyOf("") });
  expect(deliveries).toEqual([
    {
      ...{ deliveryId: "d-1", customerId: "c-1", experienceId: "e", channel: "box", variant: "short", learnsAs: "canary:e", at: NOW - DAY },
      outcomes: [
        { kind: "opened", at: NOW - 3 * HOUR },
        { kind: "converted", at: NOW - 2 * HOUR },
      ],
    },
  ]);
  expect([customers, population]).toEqual([[{ customerId: "c-1", since: NOW - DAY }], 1]);
});

test("customers are like one another whose features for learning are the same, numbers by their bin", () => {
  const policy = policyOf("learning: {features: [customer.tier, customer.spent, moment.name]}");
  const of = (traits: Readonly<Record<string, unknown>>) =>
    recordedOf({ ...GIVEN, customers: [aCustomer({ traits })], policy }).customers[0]?.like;
  expect(of({ tier: "gold", spent: 120 })).toBe(of({ tier: "gold", spent: 140 }));
  const others = [of({ tier: "blue", spent: 120 }), of({ tier: "gold", spent: 900 }), of({ tier: "gold" })];
  expect(new Set([of({ tier: "gold", spent: 120 }), ...others]).size).toBe(4);
});
