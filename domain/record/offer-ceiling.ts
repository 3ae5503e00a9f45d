import type { Offer } from "../entities/offer.ts";
import type { OfferCeiling } from "../entities/policy.ts";
import type { Instant } from "../values/time.ts";
import { issueOffer, type OfferTerms, type PriceTerms, reducedPrice } from "./offers.ts";

/**
 * Issues an offer that gives no more than the workspace's ceiling. `percent` and `amount` are lowered to it; where the regular price is
 * known, so is what they, a matched price and earlier offers come to together. An offer that was lowered says from how much.
 *
 * @throws `BAD_INPUT` where the terms make no offer, or none is left of them
 */
export function issueWithin(
  ceiling: OfferCeiling | undefined,
  terms: OfferTerms,
  held: readonly Offer[],
  key: string,
  now: Instant,
): Offer {
  const asked = issueOffer(terms, held, key, now);
  if (!ceiling) return asked;
  const offer = issueOffer(bounded(terms, ceiling), held, key, now);
  const isLowered = offer.percent !== asked.percent || offer.amount !== asked.amount || offer.price !== asked.price;
  return isLowered ? { ...offer, lowered: { from: givenBy(asked, terms), to: ceiling.maxPercent } } : offer;
}

/** Why terms, as far as their author wrote them out, give more than the ceiling, and which term does; undefined where they do not. */
export function aboveCeiling(
  terms: PriceTerms,
  { maxPercent }: OfferCeiling,
): { readonly at: "percent" | "amount" | "price"; readonly why: string } | undefined {
  const { percent, amount } = terms;
  const expected = `governance.offers.maxPercent allows at most ${maxPercent} %`;
  if (percent !== undefined && percent > maxPercent) return { at: "percent", why: `${expected}; expected ${maxPercent} or less` };
  const regular = regularPrice(terms);
  const own = reducedPrice(terms);
  if (regular === undefined || own === undefined) return undefined;
  const off = offOf(Math.max(own, terms.floor ?? 0), regular);
  const at = percent !== undefined ? "percent" : amount !== undefined ? "amount" : "price";
  return off > maxPercent ? { at, why: `${expected}, and this is ${off} % off ${regular}` } : undefined;
}

// --- internal ---

function bounded(terms: OfferTerms, { maxPercent }: OfferCeiling): OfferTerms {
  const { percent, amount, floor = 0 } = terms;
  const lower = { ...terms, percent: percent === undefined ? undefined : Math.min(percent, maxPercent) };
  const regular = regularPrice(terms);
  if (regular === undefined) return lower;
  const most = (regular * maxPercent) / 100;
  return {
    ...lower,
    amount: amount === undefined ? undefined : Math.min(amount, downToCents(most)),
    floor: Math.max(floor, Math.min(upToCents(regular - most), regular)),
  };
}

/** The price without the offer: the list price, or the price that is reduced. */
const regularPrice = ({ percent, amount, price, listPrice }: PriceTerms): number | undefined =>
  listPrice ?? (percent === undefined && amount === undefined ? undefined : price);

/** How much an offer takes off, in percent of the regular price where that is known; otherwise its percentage. */
function givenBy({ percent = 0, price }: Offer, terms: OfferTerms): number {
  const regular = regularPrice(terms);
  return regular === undefined || price === undefined ? percent : Math.max(percent, offOf(price, regular));
}

const offOf = (price: number, regular: number): number =>
  regular === 0 ? 0 : Math.max(Math.round((1 - price / regular) * 10_000) / 100, 0);

/** The small addends keep 70.00000000000001 from becoming 70.01, and 29.999999999999996 from becoming 29.99. */
const upToCents = (price: number): number => Math.ceil(price * 100 - 1e-6) / 100;
const downToCents = (price: number): number => Math.floor(price * 100 + 1e-6) / 100;
