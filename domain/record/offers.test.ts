import { describe, expect, test } from "vitest";
import type { Offer } from "../entities/offer.ts";
import { HOUR, SECOND } from "../values/time.ts";
import { hasRedeemedSince, isGood, issueOffer, type OfferTerms } from "./offers.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const terms = (more: Partial<OfferTerms> = {}): OfferTerms => ({ validFor: 3 * HOUR, stackable: false, stacks: true, ...more });
const invitation = (more: Partial<OfferTerms> = {}, at = NOON): Offer =>
  issueOffer(terms({ percent: 20, stackable: true, ...more }), [], "invitation", at);

describe("the price of an offer", () => {
  test.each<[string, Partial<OfferTerms>, number | undefined]>([
    ["a percentage of nothing known has no price", { percent: 20 }, undefined],
    ["a percentage off the regular price", { percent: 20, listPrice: 99 }, 79.2],
    ["a percentage off a price that was given", { percent: 10, price: 50, listPrice: 99 }, 45],
    ["an amount off the regular price", { amount: 15, listPrice: 99 }, 84],
    ["a price that is matched", { price: 79 }, 79],
    ["a matched price is never above the regular one", { price: 120, listPrice: 99 }, 99],
    ["what is below the floor is raised to it", { price: 40, floor: 60 }, 60],
    ["what is at the floor stays", { price: 60, floor: 60 }, 60],
    ["a price is never negative", { amount: 30, listPrice: 20 }, 0],
    ["W4: what is below the floor is raised to it, up to the list price", { price: 15, listPrice: 20, floor: 19.99 }, 19.99],
    ["W4: a list price of fractions of a cent is not exceeded", { price: 20, listPrice: 19.996 }, 19.996],
    ["W4: a reduction starts at the list price where the price is above it", { price: 30, listPrice: 20, percent: 10 }, 18],
    ["W4: a floor without any price bounds nothing", { percent: 20, floor: 5 }, undefined],
    ["cents are rounded, halves up", { percent: 50, listPrice: 2.01 }, 1.01],
  ])("%s", (_name, more, price) => {
    expect(issueOffer(terms(more), [], "k", NOON).price).toBe(price);
  });
});

describe("W4: terms that make no offer", () => {
  test.each<[string, Partial<OfferTerms>, string]>([
    [
      "a floor above the list price, of a percentage",
      { percent: 25, listPrice: 19.99, floor: 20 },
      "floor: expected at most listPrice, 19.99",
    ],
    ["of an amount", { amount: 1, listPrice: 19.99, floor: 20 }, "floor: expected at most listPrice, 19.99"],
    ["of a matched price", { price: 15, listPrice: 19.99, floor: 20 }, "floor: expected at most listPrice, 19.99"],
    [
      "also where the result would be above the floor anyway",
      { price: 30, listPrice: 19.99, floor: 20 },
      "floor: expected at most listPrice",
    ],
    ["a floor above the price that is reduced", { percent: 25, price: 19.99, floor: 20 }, "floor: expected at most price, 19.99"],
    [
      "a floor at the list price: nothing is left of the percentage",
      { percent: 25, listPrice: 20, floor: 20 },
      "floor: expected less than listPrice, 20",
    ],
    ["nor of the amount", { amount: 5, listPrice: 20, floor: 20 }, "floor: expected less than listPrice, 20"],
    ["nor of the matched price", { price: 15, listPrice: 20, floor: 20 }, "floor: expected less than listPrice, 20"],
    [
      "a percentage that rounding swallows",
      { percent: 0.01, listPrice: 2 },
      "percent: expected a reduction that leaves less than listPrice, 2",
    ],
    [
      "an amount that rounding swallows",
      { amount: 0.001, listPrice: 2 },
      "amount: expected a reduction that leaves less than listPrice, 2",
    ],
  ])("%s", (_name, more, problem) => {
    expect(() => issueOffer(terms(more), [], "k", NOON)).toThrow(problem);
  });
});

describe("stacking", () => {
  test("a valid stackable offer is included, and the new one ends with it", () => {
    const held = invitation();
    const matched = issueOffer(terms({ price: 80, floor: 50, validFor: 24 * HOUR }), [held], "match", NOON + HOUR);
    expect(matched).toMatchObject({ price: 64, includes: [held.code], expiresAt: held.expiresAt });
  });

  test.each<[string, Partial<OfferTerms>, Offer]>([
    ["one that may not be stacked", {}, invitation({ stackable: false })],
    ["one that is over", {}, invitation({}, NOON - 3 * HOUR)],
    ["one that is used", {}, { ...invitation(), redeemedBy: "till\ns-1" }],
    ["any, where the new one stands alone", { stacks: false }, invitation()],
  ])("%s is not included", (_name, more, held) => {
    expect(issueOffer(terms({ price: 80, ...more }), [held], "match", NOON)).toMatchObject({ price: 80, includes: [] });
  });

  test("the floor applies to the combined discount of several offers", () => {
    const second = { ...invitation(), code: "other", percent: 50 };
    expect(issueOffer(terms({ price: 80, floor: 50 }), [invitation(), second], "match", NOON).price).toBe(50);
  });
});

test("an offer is good up to the second before it ends", () => {
  const offer = invitation();
  expect([NOON - 1, NOON, NOON + 3 * HOUR - SECOND, NOON + 3 * HOUR].map((at) => isGood(offer, at))).toEqual([false, true, true, false]);
});

test("codes are deterministic: the same call makes the same code, another one another", () => {
  const codes = Array.from({ length: 500 }, (_, n) => issueOffer(terms({ percent: 5 }), [], `call ${n % 250}`, NOON).code);
  expect(new Set(codes).size).toBe(250);
  expect(codes.every((code) => /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/.test(code))).toBe(true);
});

test("an offer counts as redeemed for a moment that opened before it, not for the one that it opens nor for later ones", () => {
  const redeemed = { ...invitation(), redeemedAt: NOON + HOUR, redeemedBy: "till\ns-1" };
  const since = (openedAt: number, openedBy: string, offers: readonly Offer[] = [redeemed]) =>
    hasRedeemedSince({ openedAt, openedBy }, { offers });
  expect(since(NOON, "web\ns-0")).toBe(true);
  expect(since(NOON + HOUR, "till\ns-1")).toBe(false);
  expect(since(NOON + 2 * HOUR, "web\ns-2")).toBe(false);
  expect(since(NOON, "web\ns-0", [invitation()])).toBe(false);
});
