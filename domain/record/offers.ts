import { createHash } from "node:crypto";
import type { BuiltInSignalType } from "../entities/built-ins.ts";
import type { Change } from "../entities/change.ts";
import type { Customer, Moment } from "../entities/customer.ts";
import type { Offer } from "../entities/offer.ts";
import { type Signal, signalKey } from "../entities/signal.ts";
import { SentientError } from "../errors.ts";
import type { JsonObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

export interface OfferTerms {
  readonly percent?: number | undefined;
  readonly amount?: number | undefined;
  /** Price to match; together with `percent` or `amount`, the price they reduce. */
  readonly price?: number | undefined;
  /** Regular price: base of reductions, and upper bound of a matched price. */
  readonly listPrice?: number | undefined;
  /** Lower bound of the resulting price. */
  readonly floor?: number | undefined;
  /** Milliseconds. */
  readonly validFor: number;
  /** Whether later offers may include this one. */
  readonly stackable: boolean;
  /** Whether this one includes earlier ones that are stackable and still valid. */
  readonly stacks: boolean;
}

/** The terms that set a price. */
export type PriceTerms = Pick<OfferTerms, "percent" | "amount" | "price" | "listPrice" | "floor">;

/**
 * Why terms make no offer: a floor above the regular price, or a reduction of which nothing is left. Undefined where they make one.
 * `at` names the term that is wrong.
 */
export function noOffer(terms: PriceTerms): { readonly at: "floor" | "percent" | "amount"; readonly why: string } | undefined {
  const { percent, amount, price, listPrice, floor = 0 } = terms;
  const reduced = percent === undefined && amount === undefined ? undefined : price;
  const [name, regular] = listPrice === undefined ? (["price", reduced] as const) : (["listPrice", listPrice] as const);
  if (regular !== undefined && floor > regular)
    return { at: "floor", why: `expected at most ${name}, ${regular}: raised to the floor, the offer would cost more than without it` };
  const promised = reducedPrice(terms);
  return listPrice === undefined || promised === undefined || promised >= listPrice ? undefined : noReduction(terms, promised, listPrice);
}

/**
 * Issues an offer. Its price is the reduced or matched one, reduced further by every stackable offer that the customer still holds,
 * rounded to cents, and finally raised to the floor; never above the list price. It expires with the first offer that it includes.
 *
 * @throws `BAD_INPUT` where the terms make no offer (`noOffer`)
 */
export function issueOffer(terms: OfferTerms, held: readonly Offer[], key: string, now: Instant): Offer {
  const none = noOffer(terms);
  if (none) throw new SentientError("BAD_INPUT", `no offer was issued: ${none.at}: ${none.why}`);
  const { percent, amount, stackable, validFor } = terms;
  const own = reducedPrice(terms);
  const counted = own === undefined || !terms.stacks ? [] : held.filter((one) => one.stackable && isGood(one, now));
  const stacked = counted.reduce<number | undefined>((price, one) => reduced(price, one), own);
  const price = priceOf(terms, stacked);
  return {
    code: codeFrom(key),
    issuedAt: now,
    expiresAt: Math.min(now + validFor, ...counted.map(({ expiresAt }) => expiresAt)),
    stackable,
    includes: counted.map(({ code }) => code),
    ...(percent === undefined ? {} : { percent }),
    ...(amount === undefined ? {} : { amount }),
    ...(price === undefined ? {} : { price }),
  };
}

/** The price that terms come to by themselves, without a floor or other offers; undefined where no price is known. */
export function reducedPrice({ percent, amount, price, listPrice }: PriceTerms): number | undefined {
  if (percent === undefined && amount === undefined) {
    return price === undefined ? listPrice : Math.min(price, listPrice ?? price);
  }
  return reduced(price === undefined ? listPrice : Math.min(price, listPrice ?? price), { percent, amount });
}

/** Whether an offer can still be redeemed at an instant. */
export const isGood = ({ issuedAt, expiresAt, redeemedBy }: Offer, at: Instant): boolean =>
  redeemedBy === undefined && issuedAt <= at && at < expiresAt;

/** Redeems the offer that a signal names, together with the offers it includes; a refusal is recorded with the offer. */
export function redeemOffer(signal: Signal, { offers }: Customer): Change[] {
  const code = codeNamed(signal);
  const offer = offers.find((one) => one.code === code);
  if (code === undefined || !offer) return [];
  const by = signalKey(signal);
  const at = signal.time;
  const refused = refusal(signal, offers);
  if (refused !== undefined) return [{ type: "offer_refused", code, reason: refused, by, at }];
  return [code, ...offer.includes].map((one) => ({ type: "offer_redeemed", code: one, by, at }));
}

/**
 * A signal's data after the offer look-up: `offer.redeemed` gains `accepted`, and `reason` where it was refused (`unknown`, `used` or
 * `expired`). Other signals are unchanged. Expects the customer after `redeemOffer`.
 */
export function answeredData(signal: Pick<Signal, "type" | "data" | "source" | "id" | "time">, { offers }: Customer): JsonObject {
  if (signal.type !== REDEEMED) return signal.data;
  const { reason: _given, ...data } = signal.data;
  if (isRedeemedBy(signal, offers)) return { ...data, accepted: true };
  return { ...data, accepted: false, reason: refusal(signal, offers) ?? "unknown" };
}

/** Whether a signal is a refused redemption; such a signal counts as no success. */
export const isRefusedRedemption = (signal: Pick<Signal, "type" | "data" | "source" | "id" | "time">, { offers }: Customer): boolean =>
  signal.type === REDEEMED && !isRedeemedBy(signal, offers);

/** Whether an offer was redeemed after a moment opened; refused attempts do not count. */
export const hasRedeemedSince = (
  { openedAt, openedBy }: Pick<Moment, "openedAt" | "openedBy">,
  { offers }: Pick<Customer, "offers">,
): boolean => offers.some(({ redeemedAt, redeemedBy }) => redeemedAt !== undefined && redeemedAt >= openedAt && redeemedBy !== openedBy);

/** The code that a redemption names; undefined of other signals. */
export const codeNamed = ({ type, data }: Pick<Signal, "type" | "data">): string | undefined =>
  type === REDEEMED && typeof data.code === "string" ? data.code.trim().toUpperCase() : undefined;

export const REDEEMED = "offer.redeemed" satisfies BuiltInSignalType;

// --- internal ---

type RedeemingSignal = Pick<Signal, "type" | "data" | "source" | "id" | "time">;

const isRedeemedBy = (signal: RedeemingSignal, offers: readonly Offer[]): boolean =>
  offers.some(({ code, redeemedBy }) => code === codeNamed(signal) && redeemedBy === signalKey(signal));

function refusal(signal: RedeemingSignal, offers: readonly Offer[]): "unknown" | "used" | "expired" | undefined {
  const offer = offers.find(({ code }) => code === codeNamed(signal));
  if (!offer) return "unknown";
  const parts = [offer, ...offers.filter(({ code }) => offer.includes.includes(code))];
  if (parts.some(({ redeemedBy }) => redeemedBy !== undefined)) return "used";
  return signal.time < offer.expiresAt ? undefined : "expired";
}

function noReduction(terms: PriceTerms, promised: number, listPrice: number): ReturnType<typeof noOffer> {
  if (terms.floor === listPrice)
    return { at: "floor", why: `expected less than listPrice, ${listPrice}: raised to the floor, the offer is no discount` };
  if ((priceOf(terms, promised) ?? 0) < listPrice) return undefined;
  return {
    at: terms.percent === undefined ? "amount" : "percent",
    why: `expected a reduction that leaves less than listPrice, ${listPrice}`,
  };
}

/** Within its bounds: never negative, rounded to cents, not below the floor, not above the list price. */
const priceOf = ({ floor = 0, listPrice = Number.POSITIVE_INFINITY }: PriceTerms, price: number | undefined): number | undefined =>
  price === undefined ? undefined : Math.min(Math.max(cents(Math.max(price, 0)), floor), listPrice);

function reduced(price: number | undefined, { percent = 0, amount = 0 }: Pick<OfferTerms, "percent" | "amount">): number | undefined {
  return price === undefined ? undefined : price * (1 - percent / 100) - amount;
}

/** Rounds to the nearest cent; the small addend keeps 1.005 from becoming 1.00 by its binary form. */
const cents = (price: number): number => Math.round((price + Number.EPSILON * price) * 100) / 100;

/** Crockford's alphabet: without I, L, O and U, which are easily misread. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Twelve characters, 60 bits. Deterministic: the same call always makes the same code, and two calls practically never do. */
function codeFrom(key: string): string {
  const bytes = createHash("sha256").update(`offer\n${key}`).digest();
  const letters = [...bytes.subarray(0, 12)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return [0, 4, 8].map((start) => letters.slice(start, start + 4).join("")).join("-");
}
