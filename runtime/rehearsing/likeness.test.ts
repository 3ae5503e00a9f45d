import { expect, test } from "vitest";
import { aCustomer, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { likenessBy } from "./likeness.ts";

const like = likenessBy(policyOf("learning: {features: [customer.tier, customer.spent, moment.urgency]}"), NOW);
const of = (traits: Parameters<typeof aCustomer>[0] extends { traits?: infer T } | undefined ? T : never) =>
  like(aCustomer({ traits })).like;

test("customers are like one another where their features are of the same value or bin", () => {
  expect(of({ tier: "gold", spent: 210 })).toBe(of({ tier: "gold", spent: 490 }));
  expect(of({ tier: "gold", spent: 210 })).not.toBe(of({ tier: "gold", spent: 510 }));
  expect(of({ tier: "gold", spent: 210 })).not.toBe(of({ tier: "tin", spent: 210 }));
  expect(of({ tier: "gold" })).not.toBe(of({ tier: "gold", spent: 210 }));
  expect(of({ spent: 1, name: "Ann" })).toBe(of({ spent: 1, name: "Bea" }));
});

test("without a feature of the customer everybody is alike", () => {
  expect(likenessBy(policyOf("learning: {features: [moment.urgency]}"), NOW)(aCustomer())).toEqual({});
});
