import { parseTime } from "../values/time.ts";
import { claimsIn } from "./claims.ts";
import { asRead } from "./signs.ts";

/** A scalar among the facts, with its field name. */
export interface Leaf {
  readonly name: string;
  readonly value: string | number;
}

export interface Masked {
  readonly value: string;
  /** May be repeated only after the word that precedes it in the author's text. */
  readonly isBound: boolean;
}

/** Numbers and dates are compared by meaning instead; single characters would mask too much. */
export function maskOf({ name, value }: Leaf): Masked | undefined {
  if (typeof value !== "string" || value.trim().length < 3 || /^[\d\s.,:/+-]+$/.test(value) || parseTime(value) !== undefined)
    return undefined;
  const isAddress = NAMES_OF_ADDRESSES.test(name) && !/\s/.test(value.trim());
  return { value, isBound: !isAddress && !ID.test(value) && (SAYS_MORE.test(value) || claimsIn(asRead(value)).length > 0) };
}

/** Masks values where they may be repeated: always in the author's own text, whose positions determine where else. */
export function masker(values: readonly Masked[], own: string): (text: string) => string {
  const longestFirst = [...new Map(values.map((one) => [one.value, one])).values()].sort((a, b) => b.value.length - a.value.length);
  const steps: ((text: string) => string)[] = [];
  let rest = own;
  for (const { value, isBound } of longestFirst) {
    const before = new Set(placesOf(value, rest).map((at) => wordBefore(rest, at)));
    const step = (text: string): string => {
      const places = placesOf(value, text).filter((at) => !isBound || before.has(wordBefore(text, at)));
      return cutOut(text, places, value.length);
    };
    rest = step(rest);
    steps.push(step);
  }
  return (text) => steps.reduce((left, step) => step(left), text);
}

// --- internal ---

/** Values that state something on their own: wherever they stand, the brand would be the one to say it. */
const SAYS_MORE = /[@/\\]|\p{L}\.\p{L}{2}|[\p{Sc}%]|\d\s?(?:percent|prozent|usd|eur|gbp|chf|dollars?|euros?)/iu;

/** Fields that contain a link or an address and nothing else. */
const NAMES_OF_ADDRESSES = /(?:ur[il]|link|href|mail|phone|site)$/i;

/** Ids like `gift_card_7245904`: their words name a kind of object and promise nothing. */
const ID = /^[a-z]+(?:_[a-z]+)*_\d{5,}$/;

/** A neutral word: no name, number or code. */
const MASK = "it";

/** Occurrences of a value as a whole token. Not a regular expression: a customer's message may be too long for one. */
function placesOf(value: string, text: string): number[] {
  const [wanted, within] = [lowerCased(value), lowerCased(text)];
  const places: number[] = [];
  for (let at = within.indexOf(wanted); at >= 0; at = within.indexOf(wanted, at + 1)) {
    const isAlone =
      !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
      !/^[\p{L}\p{N}]/u.test(text.slice(at + value.length, at + value.length + 2));
    if (isAlone && at >= (places.at(-1) ?? -value.length) + value.length) places.push(at);
  }
  return places;
}

/** Lower case at constant length: the few letters that would become longer stay. */
const lowerCased = (text: string): string => {
  const lower = text.toLowerCase();
  return lower.length === text.length
    ? lower
    : text.replace(/./gu, (sign) => (sign.toLowerCase().length === sign.length ? sign.toLowerCase() : sign));
};

function cutOut(text: string, places: readonly number[], length: number): string {
  const pieces = places.map((at, index) => text.slice(index === 0 ? 0 : (places[index - 1] ?? 0) + length, at));
  return [...pieces, text.slice(places.length === 0 ? 0 : (places.at(-1) ?? 0) + length)].join(MASK);
}

const wordBefore = (text: string, index: number): string =>
  /(\p{L}+)[^\p{L}]*$/u.exec(text.slice(Math.max(0, index - 80), index))?.[1]?.toLowerCase() ?? "";
