import { describe, expect, test } from "vitest";
import type { Offer } from "../entities/offer.ts";
import { HOUR } from "../values/time.ts";
import { aboveCeiling, issueWithin } from "./offer-ceiling.ts";
import type { OfferTerms } from "./offers.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const CEILING = { maxPercent: 30 };
const terms = (more: Partial<OfferTerms>): OfferTerms => ({ validFor: 3 * HOUR, stackable: false, stacks: true, ...more });
const issued = (more: Partial<OfferTerms>, held: readonly Offer[] = [], ceiling: typeof CEILING | undefined = CEILING) =>
  issueWithin(ceiling, terms(more), held, "k", NOON);

describe("an offer with a ceiling of 30 %", () => {
  const held = [issueWithin(undefined, terms({ percent: 20, stackable: true }), [], "other", NOON)];

  test.each<[string, Partial<OfferTerms>, readonly Offer[], object]>([
    ["a percentage above it", { percent: 60 }, [], { percent: 30, lowered: { from: 60, to: 30 } }],
    ["a percentage of a known price", { percent: 60, listPrice: 99.99 }, [], { percent: 30, price: 70, lowered: { from: 60, to: 30 } }],
    ["an amount off a known price", { amount: 50, listPrice: 100 }, [], { amount: 30, price: 70, lowered: { from: 50, to: 30 } }],
    ["a price that is matched", { price: 40, listPrice: 100 }, [], { price: 70, lowered: { from: 60, to: 30 } }],
    [
      "a percentage off a lower price than the list's",
      { percent: 20, price: 80, listPrice: 100 },
      [],
      { percent: 20, price: 70, lowered: { from: 36, to: 30 } },
    ],
    [
      "what it comes to with an earlier offer",
      { percent: 20, listPrice: 100 },
      held,
      { percent: 20, price: 70, lowered: { from: 36, to: 30 } },
    ],
  ])("is lowered: %s", (_name, more, others, expected) => {
    expect(issued(more, others)).toMatchObject(expected);
  });

  test.each<[string, Partial<OfferTerms>]>([
    ["at the ceiling", { percent: 30, listPrice: 99.99 }],
    ["below it", { percent: 10 }],
    ["an amount off a price that nobody told", { amount: 500 }],
    ["a matched price whose regular one nobody told", { price: 5 }],
    ["a floor above what the ceiling leaves", { percent: 30, listPrice: 100, floor: 90 }],
  ])("stays as it is: %s", (_name, more) => {
    expect(issued(more)).toEqual(issued(more, [], undefined));
  });
});

test("without a ceiling nothing is lowered", () => {
  expect(issueWithin(undefined, terms({ percent: 90 }), [], "k", NOON)).toMatchObject({ percent: 90 });
  expect(issueWithin(undefined, terms({ percent: 90 }), [], "k", NOON)).not.toHaveProperty("lowered");
});

test.each<[string, Parameters<typeof aboveCeiling>[0], string | undefined]>([
  ["a percentage", { percent: 31 }, "percent"],
  ["the ceiling itself", { percent: 30 }, undefined],
  ["an amount off a known price", { amount: 40, listPrice: 100 }, "amount"],
  ["a price that is matched", { price: 60, listPrice: 100 }, "price"],
  ["a percentage off a lower price than the list's", { percent: 20, price: 80, listPrice: 100 }, "percent"],
  ["a floor that keeps it within", { amount: 40, listPrice: 100, floor: 75 }, undefined],
  ["an amount off a price that is not written out", { amount: 40 }, undefined],
])("written out: %s", (_name, given, at) => {
  expect(aboveCeiling(given, CEILING)?.at).toBe(at);
});
